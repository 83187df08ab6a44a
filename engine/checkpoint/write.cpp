#include "engine/checkpoint/write.hpp"

#include <algorithm>
#include <memory>

#include "engine/base/byte_size.hpp"

namespace recast::checkpoint {
namespace {

constexpr std::uint64_t kSmallReplica = 1 << 20;

/// Makes a file with the whole text and syncs it.
Result<void> write_text(Staging& staging, const OutputText& text) {
  RECAST_ASSIGN(const auto file, staging.create(text.path));
  RECAST_TRY(file->write(0, std::as_bytes(std::span(text.text))));
  return file->sync();
}

Result<void> copy_file(const io::FileSystem& files, const CarriedFile& carried, Staging& staging) {
  RECAST_ASSIGN(const auto from, files.open(carried.from));
  RECAST_ASSIGN(const auto into, staging.create(carried.to));
  std::vector<std::byte> buffer(1 << 20);
  for (std::uint64_t at = 0; at < from->size();) {
    const auto chunk = std::span(buffer).first(
        static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), from->size() - at)));
    RECAST_TRY(from->read(at, chunk));
    RECAST_TRY(into->write(at, chunk));
    at += chunk.size();
  }
  return into->sync();
}

/// All files of both sides are open at once, and a few besides.
Result<void> check_open_files(const io::FileSystem& files, std::size_t sources,
                              std::size_t targets) {
  constexpr std::uint64_t kBesides = 32;
  const std::uint64_t wanted = kBesides + sources + targets;
  const std::uint64_t most = files.most_open_files();
  if (wanted <= most) return {};
  return make_diagnostic(Code::io_too_many_files, cat("the run opens ", wanted, " files at once (",
                                                      sources, " of the source, ", targets,
                                                      " of the output), but the limit is ", most))
      .suggest(cat("raise the limit of open files ('ulimit -n ", wanted,
                   "', and its hard limit), or convert to fewer files"));
}

struct LaidOut {
  std::vector<std::unique_ptr<formats::FileLayout>> layouts;
  std::uint64_t nbytes = 0;
};

Result<LaidOut> lay_out(const plan::Plan& plan) {
  LaidOut out;
  for (const plan::TargetFile& file : plan.target_files) {
    const formats::Container* container = formats::container_named(file.container);
    if (container == nullptr)
      return make_diagnostic(Code::format_unknown_container,
                             cat("there is no container '", file.container, "'"))
          .suggest("the dialect's `container` names one that recast writes");
    RECAST_ASSIGN(auto layout, container->lay_out(file_spec(plan, file)));
    out.nbytes += layout->nbytes();
    out.layouts.push_back(std::move(layout));
  }
  return out;
}

}  // namespace

std::vector<const io::RandomAccessFile*> OpenPayload::borrowed() const {
  std::vector<const io::RandomAccessFile*> out;
  for (const auto& file : files)
    out.push_back(file.get());
  return out;
}

Result<OpenPayload> open_payload(const io::FileSystem& files, const Opened& opened,
                                 const std::vector<plan::PlanTensor>& tensors) {
  OpenPayload out;
  for (const OpenedFile& file : opened.files) {
    RECAST_ASSIGN(auto handle, files.open(io::join(opened.folder, file.path)));
    if (handle->size() != file.catalog.nbytes)
      return make_diagnostic(Code::io_read_failed, "the file changed while it was planned")
          .in(io::join(opened.folder, file.path))
          .suggest("run again when nothing writes to it");
    out.files.push_back(std::move(handle));
  }
  for (const plan::PlanTensor& tensor : tensors) {
    const auto& stored = opened.files[tensor.file].catalog.tensors;
    out.places.push_back(
        {tensor.file, tensor.index < stored.size() ? stored[tensor.index].byte_offset : 0});
  }
  return out;
}

Result<Written> write_files(io::FileSystem& files, const Conversion& conversion,
                            const std::string& folder, const FillPayload& fill,
                            const std::atomic<bool>* cancel) {
  RECAST_TRY(check_output(files, folder));
  const plan::Plan& plan = conversion.solution.plan;
  RECAST_ASSIGN(const LaidOut laid_out, lay_out(plan));
  // Where the folder leads: it may be a link to another disk.
  RECAST_ASSIGN(const std::string path, output_path(files, folder));
  RECAST_ASSIGN(const std::uint64_t free, files.free_bytes(io::parent(path)));
  if (free < laid_out.nbytes)
    return make_diagnostic(Code::io_disk_full,
                           cat("the output takes ", print_byte_size(laid_out.nbytes), ", but ",
                               print_byte_size(free), " are free"))
        .in(folder)
        .suggest("choose another disk, or make room");
  Written written;
  RECAST_ASSIGN(const auto staging, Staging::begin(files, folder, written.notes));
  std::vector<std::unique_ptr<io::OutputFile>> targets;
  exec::Outputs outputs;
  outputs.target_places.resize(plan.targets.size());
  for (std::size_t i = 0; i < plan.target_files.size(); ++i) {
    RECAST_ASSIGN(auto file, staging->create(plan.target_files[i].path));
    RECAST_TRY(file->resize(laid_out.layouts[i]->nbytes()));
    outputs.target_files.push_back(file.get());
    outputs.wants_crc.push_back(laid_out.layouts[i]->needs_crc());
    const auto& offsets = laid_out.layouts[i]->tensor_offsets();
    for (std::size_t t = 0; t < offsets.size(); ++t)
      outputs.target_places[plan.target_files[i].tensors[t]] = {static_cast<std::uint32_t>(i),
                                                                offsets[t]};
    targets.push_back(std::move(file));
  }
  RECAST_ASSIGN(written.outcome, fill(outputs));
  for (std::size_t i = 0; i < targets.size(); ++i) {
    std::vector<std::uint32_t> crcs;
    if (outputs.wants_crc[i])
      for (const plan::TensorIndex tensor : plan.target_files[i].tensors)
        crcs.push_back(written.outcome.crc32[tensor]);
    RECAST_TRY(laid_out.layouts[i]->finish(*targets[i], crcs));
    targets[i]->start_writeback();
  }
  for (auto& target : targets) {
    RECAST_TRY(target->sync());
    target.reset();
  }
  written.files = targets.size();
  written.nbytes = laid_out.nbytes;
  for (const CarriedFile& carried : conversion.carried) {
    RECAST_TRY(copy_file(files, carried, *staging));
    ++written.files;
    written.nbytes += carried.nbytes;
  }
  for (const OutputText& text : conversion.texts) {
    RECAST_TRY(write_text(*staging, text));
    ++written.files;
    written.nbytes += text.text.size();
  }
  if (cancel != nullptr && cancel->load())
    return make_diagnostic(Code::plan_cancelled, "stopped before the output got its name");
  RECAST_TRY(staging->publish());
  return written;
}

Result<Written> write_checkpoint(io::FileSystem& files, const Opened& opened,
                                 const Conversion& conversion, const std::string& folder,
                                 const WriteOptions& options, const exec::ProgressSink& progress) {
  const plan::Plan& plan = conversion.solution.plan;
  RECAST_TRY(check_open_files(files, opened.files.size(), plan.target_files.size()));
  RECAST_ASSIGN(const OpenPayload source, open_payload(files, opened, plan.sources));
  const exec::Inputs inputs{plan, source.borrowed(), source.places};
  std::uint64_t replica_nbytes = 0;
  // What takes long comes after everything that could refuse the output at once.
  const auto fill = [&](const exec::Outputs& outputs) -> Result<exec::Outcome> {
    RECAST_TRY(exec::check_constants(inputs));
    RECAST_ASSIGN(replica_nbytes,
                  exec::check_replicas(inputs, options.check_replicas ? UINT64_MAX : kSmallReplica,
                                       options.run, options.cancel));
    return exec::run(inputs, outputs, options.run, progress, options.cancel);
  };
  RECAST_ASSIGN(Written written, write_files(files, conversion, folder, fill, options.cancel));
  written.replica_nbytes = replica_nbytes;
  return written;
}

}  // namespace recast::checkpoint
