// SPDX-License-Identifier: Apache-2.0
// The time, for those above Runtime, which do not know the system.
import CSystem

/// Seconds since the machine started, by a clock that never goes back.
public func secondsNow() -> Double { Double(sys_monotonic_ns()) * 1e-9 }
