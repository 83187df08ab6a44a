#include "engine/checkpoint/staging.hpp"

#include <algorithm>
#include <utility>

namespace recast::checkpoint {
namespace {

constexpr std::string_view kPartial = ".recast-partial-";
constexpr std::string_view kFinished = ".recast-finished-";
constexpr std::string_view kLock = ".recast-lock";

std::string beside(const std::string& output, std::string_view suffix) {
  return io::join(io::parent(output), cat(".", io::base_name(output), suffix));
}

/// The host in the name of a run; empty if it is none: then the folder is not one that a run made
/// for this output.
std::string host_of(std::string_view run) {
  const auto all_of = [](std::string_view text, std::string_view allowed) {
    return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
  };
  const std::size_t random = run.rfind('-');
  if (random == std::string_view::npos || random == 0) return {};
  const std::size_t number = run.rfind('-', random - 1);
  if (number == std::string_view::npos) return {};
  const std::string_view host = run.substr(0, number);
  const bool is_run = all_of(run.substr(random + 1), "0123456789abcdef") &&
                      all_of(run.substr(number + 1, random - number - 1), "0123456789") &&
                      host.find_first_of("-.") == std::string_view::npos;
  return is_run ? std::string(host) : std::string();
}

/// What runs that were killed left beside the output.
Result<void> clear_leftovers(io::FileSystem& files, const std::string& output, bool sure,
                             const std::string& run, std::vector<std::string>& notes) {
  const std::string prefix = cat(".", io::base_name(output), kPartial);
  const std::string folder = io::parent(output);
  const auto entries = files.list(folder);
  if (!entries) {
    notes.push_back(cat("cannot look for what killed runs left: ", entries.error().message));
    return {};
  }
  for (const io::Entry& entry : *entries) {
    if (entry.kind != io::EntryKind::Folder || !entry.name.starts_with(prefix)) continue;
    const std::string host = host_of(std::string_view(entry.name).substr(prefix.size()));
    if (host.empty()) continue;
    const std::string path = io::join(folder, entry.name);
    // The lock is this run's, so none that is still running on this machine made it.
    if (sure && host == host_of(run))
      RECAST_TRY(files.remove_all(path));
    else
      notes.push_back(
          cat("'", path, "' is of another run; remove it if that is not running any more"));
  }
  return {};
}

Diagnostic bad_place(const std::string& folder, std::string_view why) {
  return make_diagnostic(Code::io_output_place,
                         cat("'", folder, "' ", why, ", and a finished output cannot replace that"))
      .in(folder)
      .suggest(cat("give a new folder in it, such as '", io::join(folder, "converted"), "'"));
}

}  // namespace

Result<std::string> output_path(const io::FileSystem& files, const std::string& folder) {
  return files.follow_links(folder);
}

Result<void> check_output(const io::FileSystem& files, const std::string& folder) {
  auto there = files.stat(folder);
  if (!there && there.error().code != Code::io_not_found) return std::move(there).error();
  if (there && there->kind != io::EntryKind::Folder)
    return make_diagnostic(Code::io_output_not_empty,
                           cat("'", folder, "' is there and is no folder"))
        .in(folder)
        .suggest("give another output folder");
  if (there) {
    RECAST_ASSIGN(const auto entries, files.list(folder));
    if (!entries.empty())
      return make_diagnostic(Code::io_output_not_empty,
                             cat("output folder '", folder, "' is not empty: it holds '",
                                 entries.front().name, "'"))
          .in(folder)
          .suggest("give another folder, or remove what is there");
  }
  RECAST_ASSIGN(const std::string path, output_path(files, folder));
  const std::string name = io::base_name(path);
  if (name.empty() || name == "." || name == "..")
    return bad_place(folder, "is the folder that the program is in, or one above");
  if (!there) return {};
  RECAST_ASSIGN(const bool mounted, files.is_mount_point(path));
  if (mounted) return bad_place(folder, "is a mount point");
  return {};
}

Staging::Staging(io::FileSystem& files, std::string output, std::string run)
    : files_(files),
      output_(std::move(output)),
      run_(std::move(run)),
      path_(beside(output_, cat(kPartial, run_))) {}

Staging::~Staging() {
  if (made_) (void)files_.remove_all(path_);
}

Result<std::unique_ptr<Staging>> Staging::begin(io::FileSystem& files, const std::string& folder,
                                                std::vector<std::string>& notes) {
  RECAST_TRY(check_output(files, folder));
  RECAST_ASSIGN(std::string output, output_path(files, folder));
  std::unique_ptr<Staging> out(new Staging(files, std::move(output), io::new_run_name()));
  const std::string above = io::parent(out->output_);
  for (std::string at = above; io::parent(at) != at; at = io::parent(at)) {
    RECAST_ASSIGN(const bool there, files.is_there(at));
    if (there) break;
    out->folders_.insert(io::parent(at));
  }
  RECAST_TRY(files.make_folders(above));
  auto lock = files.lock(beside(out->output_, kLock), out->run_);
  if (!lock) {
    Diagnostic failed = std::move(lock).error();
    if (failed.code == Code::io_output_busy) failed.place.file = folder;
    return failed;
  }
  out->lock_ = std::move(lock).value();
  // Another run may have finished between the first look and the lock.
  RECAST_TRY(check_output(files, folder));
  RECAST_TRY(clear_leftovers(files, out->output_, out->lock_->is_sure(), out->run_, notes));
  RECAST_ASSIGN(const bool is_new, files.make_new_folder(out->path_));
  if (!is_new)
    return make_diagnostic(Code::io_output_busy, "another run has a folder of the same name")
        .in(out->path_)
        .suggest("run again");
  out->made_ = true;
  return out;
}

Result<std::unique_ptr<io::OutputFile>> Staging::create(const std::string& inner) {
  const std::string path = io::join(path_, inner);
  RECAST_TRY(files_.make_folders(io::parent(path)));
  for (std::string at = io::parent(path); at.size() >= path_.size(); at = io::parent(at))
    folders_.insert(at);
  return files_.create(path);
}

Result<void> Staging::publish() {
  for (const std::string& folder : folders_)
    RECAST_TRY(files_.sync_folder(folder));
  auto renamed = files_.rename(path_, output_);
  made_ = false;
  if (renamed) return files_.sync_folder(io::parent(output_));
  // Hours of work: under a name that no later run takes for a leftover.
  std::string kept = beside(output_, cat(kFinished, run_));
  if (!files_.rename(path_, kept)) kept = path_;
  Diagnostic failed = std::move(renamed).error();
  failed.hint = cat("the output is finished: rename '", kept, "' yourself");
  return failed;
}

}  // namespace recast::checkpoint
