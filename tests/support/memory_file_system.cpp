#include "tests/support/memory_file_system.hpp"

#include <algorithm>
#include <utility>

#include "tests/support/memory_file.hpp"

namespace recast::support {

/// Who holds what, by path.
struct MemoryFileSystem::Locks {
  std::mutex mutex;
  std::map<std::string, std::string> owners;
};

namespace {

using Content = MemoryFileSystem::Content;
using Locks = MemoryFileSystem::Locks;

class MemoryLock final : public io::Lock {
 public:
  MemoryLock(std::shared_ptr<Locks> locks, std::string path)
      : locks_(std::move(locks)), path_(std::move(path)) {}
  ~MemoryLock() override {
    const std::lock_guard lock(locks_->mutex);
    locks_->owners.erase(path_);
  }
  bool is_sure() const noexcept override { return true; }

 private:
  std::shared_ptr<Locks> locks_;
  std::string path_;
};

/// Without empty, `.` and `..` components; "" is where we are.
std::string normal(std::string_view path) {
  std::string out = path.starts_with('/') ? "/" : "";
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view step = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (step == ".." && !out.empty())
      out = out == io::base_name(out) ? "" : io::parent(out);
    else if (!step.empty() && step != ".")
      out = io::join(out, step);
  }
  return out;
}

bool is_root(const std::string& path) {
  return path.empty() || path == "/";
}

/// The folder of a normalised path, normalised.
std::string above(const std::string& path) {
  const std::string out = io::parent(path);
  return out == "." ? "" : out;
}

/// Whether `path` is below `folder`, however deep.
bool is_below(std::string_view path, std::string_view folder) {
  if (folder.empty()) return !path.starts_with('/');
  if (folder == "/") return path.starts_with('/') && path != "/";
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

Diagnostic refused(Code code, std::string message, const std::string& path) {
  return make_diagnostic(code, std::move(message)).in(path).suggest("check the path");
}

io::Entry entry_of(const std::string& path, const std::shared_ptr<Content>& node) {
  if (!node) return {io::base_name(path), io::EntryKind::Folder, 0};
  const std::lock_guard lock(node->mutex);
  return {io::base_name(path), io::EntryKind::File, node->bytes.size()};
}

}  // namespace

std::shared_ptr<Locks> MemoryFileSystem::make_locks() {
  return std::make_shared<Locks>();
}

std::string MemoryFileSystem::at_end_of_links(std::string path) const {
  for (auto found = links_.find(path); found != links_.end(); found = links_.find(path))
    path = normal(found->second.starts_with('/') ? found->second
                                                 : io::join(above(path), found->second));
  return path;
}

Diagnostic MemoryFileSystem::nothing_at(std::string_view attempt, const std::string& path) const {
  const auto link = links_.find(normal(path));
  if (link == links_.end())
    return refused(Code::io_not_found, cat(attempt, ": no such file or directory"), path);
  return refused(Code::io_read_failed,
                 cat(attempt, ": it is a link to '", link->second, "', which is not there"), path);
}

bool MemoryFileSystem::is_folder(const std::string& path) const {
  if (is_root(path)) return true;
  const auto found = nodes_.find(path);
  return found != nodes_.end() && !found->second;
}

Result<std::unique_ptr<io::RandomAccessFile>> MemoryFileSystem::open(
    const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const std::string at = at_end_of_links(normal(path));
  if (is_folder(at))
    return refused(Code::io_read_failed, "cannot open the file: is a directory", path);
  const auto found = nodes_.find(at);
  if (found == nodes_.end()) return nothing_at("cannot open the file", path);
  const std::lock_guard content_lock(found->second->mutex);
  return open_memory_file(found->second, path);
}

Result<std::unique_ptr<io::OutputFile>> MemoryFileSystem::create(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const std::string at = normal(path);
  if (is_folder(at))
    return refused(Code::io_write_failed, "cannot make the file: is a directory", path);
  if (!is_folder(above(at)))
    return refused(Code::io_write_failed, "cannot make the file: no such file or directory", path);
  Node& node = nodes_[at];
  if (!node) unsynced_folders_.insert(above(at));
  if (!node) node = std::make_shared<Content>();
  const std::lock_guard content_lock(node->mutex);
  node->bytes.clear();
  node->synced = false;
  return write_memory_file(node, path);
}

Result<io::Entry> MemoryFileSystem::stat(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const std::string at = at_end_of_links(normal(path));
  if (is_root(at)) return entry_of(path, nullptr);
  const auto found = nodes_.find(at);
  if (found == nodes_.end()) return nothing_at("cannot look at the path", path);
  return entry_of(normal(path), found->second);
}

Result<std::vector<io::Entry>> MemoryFileSystem::list(const std::string& folder) const {
  const std::lock_guard lock(mutex_);
  const std::string at = at_end_of_links(normal(folder));
  if (!is_folder(at))
    return refused(Code::io_not_found,
                   cat("cannot list the folder: ",
                       nodes_.count(at) ? "not a directory" : "no such file or directory"),
                   folder);
  std::vector<io::Entry> entries;
  for (const auto& [path, node] : nodes_)
    if (is_below(path, at) && above(path) == at) entries.push_back(entry_of(path, node));
  for (const auto& [path, target] : links_) {
    if (above(path) != at) continue;
    const std::string end = at_end_of_links(path);
    const auto found = nodes_.find(end);
    entries.push_back(found == nodes_.end()
                          ? io::Entry{io::base_name(path), io::EntryKind::Other, 0}
                          : entry_of(path, found->second));
  }
  std::sort(entries.begin(), entries.end(),
            [](const io::Entry& a, const io::Entry& b) { return a.name < b.name; });
  return entries;
}

void MemoryFileSystem::make_folders_locked(const std::string& folder) {
  for (std::string at = folder; !is_root(at); at = above(at))
    if (nodes_.emplace(at, nullptr).second) unsynced_folders_.insert(above(at));
}

Result<void> MemoryFileSystem::make_folders(const std::string& folder) {
  const std::lock_guard lock(mutex_);
  const std::string wanted = normal(folder);
  for (std::string at = wanted; !is_root(at); at = above(at))
    if (nodes_.count(at) && !is_folder(at))
      return refused(Code::io_write_failed, "cannot make the folder: not a directory", folder);
  make_folders_locked(wanted);
  return {};
}

Result<bool> MemoryFileSystem::make_new_folder(const std::string& folder) {
  const std::lock_guard lock(mutex_);
  const std::string at = normal(folder);
  if (is_root(at) || nodes_.count(at) || links_.count(at)) return false;
  if (!is_folder(above(at)))
    return refused(Code::io_write_failed, "cannot make the folder: no such file or directory",
                   folder);
  make_folders_locked(at);
  return true;
}

Result<std::unique_ptr<io::Lock>> MemoryFileSystem::lock(const std::string& path,
                                                         const std::string& owner) {
  const std::lock_guard lock(mutex_);
  const std::string at = normal(path);
  if (!is_folder(above(at)))
    return refused(Code::io_write_failed, "cannot make the lock: no such file or directory", path);
  const std::lock_guard locks_lock(locks_->mutex);
  const auto [found, taken] = locks_->owners.emplace(at, owner);
  if (!taken)
    return refused(Code::io_output_busy, cat("another run writes this output: ", found->second),
                   path);
  return std::unique_ptr<io::Lock>(std::make_unique<MemoryLock>(locks_, at));
}

Result<std::string> MemoryFileSystem::follow_links(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  std::string given = path;
  while (given.size() > 1 && given.ends_with('/'))
    given.pop_back();
  const std::string at = at_end_of_links(normal(given));
  return at == normal(given) ? given : at;
}

Result<bool> MemoryFileSystem::is_mount_point(const std::string& folder) const {
  const std::lock_guard lock(mutex_);
  const std::string at = at_end_of_links(normal(folder));
  if (!is_folder(at)) return nothing_at("cannot look at the path", folder);
  return at == "/" || mounts_.contains(at);
}

Result<void> MemoryFileSystem::rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  const std::string source = normal(from);
  const std::string target = normal(to);
  const auto fail = [&](std::string_view why) {
    return refused(Code::io_write_failed, cat("cannot rename to '", to, "': ", why), from);
  };
  if (is_root(source) || is_root(target)) return fail("device or resource busy");
  if (mounts_.contains(source) || mounts_.contains(target)) return fail("device or resource busy");
  if (links_.contains(target)) return fail("not a directory");
  if (!nodes_.count(source)) return fail("no such file or directory");
  if (!is_folder(above(target))) return fail("no such file or directory");
  if (source == target) return {};
  if (is_below(target, source)) return fail("invalid argument");
  if (nodes_.count(target)) {
    if (is_folder(source) && !is_folder(target)) return fail("not a directory");
    if (!is_folder(source) && is_folder(target)) return fail("is a directory");
    for (const auto& [path, node] : nodes_)
      if (is_below(path, target)) return fail("directory not empty");
  }
  std::map<std::string, Node> moved;
  for (auto it = nodes_.begin(); it != nodes_.end();) {
    if (it->first == source || is_below(it->first, source)) {
      moved.emplace(target + it->first.substr(source.size()), it->second);
      it = nodes_.erase(it);
    } else {
      ++it;
    }
  }
  for (auto& [path, node] : moved)
    nodes_.insert_or_assign(path, node);
  std::set<std::string> unsynced;
  for (const std::string& folder : unsynced_folders_)
    unsynced.insert(folder == source || is_below(folder, source)
                        ? target + folder.substr(source.size())
                        : folder);
  unsynced_folders_ = std::move(unsynced);
  unsynced_folders_.insert(above(target));
  return {};
}

Result<void> MemoryFileSystem::remove_all(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const std::string at = normal(path);
  if (is_root(at))
    return refused(Code::io_write_failed, "not a path that can be removed with all in it", path);
  const auto goes = [&](const std::string& other) { return other == at || is_below(other, at); };
  std::erase_if(nodes_, [&](const auto& node) { return goes(node.first); });
  std::erase_if(links_, [&](const auto& link) { return goes(link.first); });
  std::erase_if(unsynced_folders_, goes);
  return {};
}

Result<void> MemoryFileSystem::sync_folder(const std::string& folder) {
  const std::lock_guard lock(mutex_);
  if (!is_folder(normal(folder)))
    return refused(Code::io_write_failed,
                   "cannot put the folder on the disk: no such file or directory", folder);
  unsynced_folders_.erase(normal(folder));
  return {};
}

Result<std::uint64_t> MemoryFileSystem::free_bytes(const std::string&) const {
  const std::lock_guard lock(mutex_);
  return free_bytes_;
}

void MemoryFileSystem::put(const std::string& path, std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  const std::string at = normal(path);
  const std::set<std::string> unsynced = unsynced_folders_;
  make_folders_locked(above(at));
  unsynced_folders_ = unsynced;
  auto content = std::make_shared<Content>();
  content->bytes = bytes;
  nodes_.insert_or_assign(at, std::move(content));
}

std::string MemoryFileSystem::get(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto found = nodes_.find(normal(path));
  RECAST_CHECK(found != nodes_.end() && found->second, cat("there is no file '", path, "'"));
  const std::lock_guard content_lock(found->second->mutex);
  return found->second->bytes;
}

std::vector<std::string> MemoryFileSystem::files(const std::string& folder) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> out;
  for (const auto& [path, node] : nodes_)
    if (node && is_below(path, normal(folder))) out.push_back(path);
  return out;
}

std::vector<std::string> MemoryFileSystem::unsynced_files() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> out;
  for (const auto& [path, node] : nodes_) {
    if (!node) continue;
    const std::lock_guard content_lock(node->mutex);
    if (!node->synced) out.push_back(path);
  }
  return out;
}

std::vector<std::string> MemoryFileSystem::unsynced_folders() const {
  const std::lock_guard lock(mutex_);
  return {unsynced_folders_.begin(), unsynced_folders_.end()};
}

std::vector<std::string> MemoryFileSystem::locks() const {
  const std::lock_guard lock(locks_->mutex);
  std::vector<std::string> out;
  for (const auto& [path, owner] : locks_->owners)
    out.push_back(path);
  return out;
}

void MemoryFileSystem::mount(const std::string& folder) {
  const std::lock_guard lock(mutex_);
  make_folders_locked(normal(folder));
  mounts_.insert(normal(folder));
}

void MemoryFileSystem::put_link(const std::string& path, const std::string& target) {
  const std::lock_guard lock(mutex_);
  const std::string at = normal(path);
  make_folders_locked(above(at));
  links_.insert_or_assign(at, target);
}

void MemoryFileSystem::set_free_bytes(std::uint64_t nbytes) {
  const std::lock_guard lock(mutex_);
  free_bytes_ = nbytes;
}

}  // namespace recast::support
