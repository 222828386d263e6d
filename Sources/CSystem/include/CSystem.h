// SPDX-License-Identifier: Apache-2.0
// The thin face of Linux: freestanding types only, nothing allocated, errors are errno values.
#pragma once
#include "CSystemFile.h"
#include "CSystemTerminal.h"
#include "CSystemThread.h"
