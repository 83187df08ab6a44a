#pragma once
// How many files the program may have open: a conversion keeps the files of all ranks open at once.

#include <cstdint>

namespace recast::io {

/// Raises the soft limit of open files to the hard one, which needs no right. Where the system
/// refuses, the limit stays, and a run that needs more says so by its own diagnostic.
void raise_open_files() noexcept;

/// The soft limit.
std::uint64_t open_files_limit() noexcept;

}  // namespace recast::io
