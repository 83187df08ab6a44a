#pragma once
// How many files the program may have open: a conversion keeps the files of all ranks open at once.

namespace recast::io {

/// Raises the soft limit of open files to the hard one, which needs no right. Where the system
/// refuses, the limit stays, and a run that needs more says so by its own diagnostic.
void raise_open_files() noexcept;

}  // namespace recast::io
