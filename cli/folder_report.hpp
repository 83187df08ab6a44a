#pragma once
// What a checkpoint's folder is: framework, family, sizes, topology, files and tensors; as text or
// JSON.

#include <iosfwd>

#include "cli/file_report.hpp"
#include "cli/session.hpp"

namespace recast::cli {

/// Either what the rules make of the checkpoint, or why they cannot.
struct FolderReport {
  const checkpoint::Opened& opened;
  const checkpoint::Bound* bound =
      nullptr;  // null: the files could be read, the model is not known
};

void print_text(const FolderReport& report, Detail detail, std::ostream& out);
void print_json(const FolderReport& report, std::ostream& out);

}  // namespace recast::cli
