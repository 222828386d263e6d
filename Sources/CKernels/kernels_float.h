// SPDX-License-Identifier: Apache-2.0
// What the float kernels' files share: the prototypes of the tables' kernels.
#pragma once
#include "kernels.h"
