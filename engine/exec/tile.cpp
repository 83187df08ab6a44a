#include "engine/exec/tile.hpp"

#include <utility>

#include "engine/exec/sharing.hpp"

namespace recast::exec {
namespace {

Placement place_in(const Window& window, const Address& address, std::int64_t element_nbytes,
                   const tensor::Box& box) noexcept {
  Placement out;
  out.place =
      window.place + packed_distance(window.bytes, window.packing, address.at - window.bytes.base);
  for (std::size_t k = 0; k < box.rank; ++k) {
    if (box.extent[k] == 1) continue;
    out.stride[k] =
        packed_distance(window.bytes, window.packing, address.strides[k] * element_nbytes);
  }
  return out;
}

void add_calls(const std::vector<Window>& windows, Tile& out) noexcept {
  for (const Window& each : windows) {
    out.call_count += run_count(each.bytes);
    out.cost_nbytes += covered_nbytes(each.bytes);
  }
}

void measure(const Work& work, Tile& out) noexcept {
  out.call_count = 0;
  out.cost_nbytes = 0;
  out.payload_nbytes = 0;
  add_calls(out.reads, out);
  add_calls(out.writes, out);
  out.cost_nbytes += out.call_count * kCallNbytes;
  for (const TilePiece& each : out.pieces) {
    std::int64_t element = work.right[right_of(work, each.piece.step)].element_nbytes;
    if (!is_fill(work, each.piece.step)) {
      element += work.left[(*work.copies)[each.piece.step].from].element_nbytes;
    }
    out.payload_nbytes += tensor::volume(each.piece.box) * element;
  }
}

}  // namespace

void lay_out(const Work& work, const std::vector<Piece>& pieces, const TileRules& rules,
             Tile& out) {
  std::vector<OwnedFootprint> left;
  std::vector<OwnedFootprint> right;
  left.reserve(pieces.size());
  right.reserve(pieces.size());
  const auto footprint = [](const Tensor& tensor, const Address& address, const tensor::Box& box) {
    return footprint_of(tensor.file, address.at, tensor.element_nbytes,
                        {box.extent.data(), box.rank}, {address.strides, box.rank});
  };
  for (std::uint32_t i = 0; i < pieces.size(); ++i) {
    const Piece& piece = pieces[i];
    if (!is_fill(work, piece.step)) {
      const Tensor& from = work.left[(*work.copies)[piece.step].from];
      left.push_back({footprint(from, left_address(work, piece), piece.box), i});
    }
    const Tensor& into = work.right[right_of(work, piece.step)];
    right.push_back({footprint(into, right_address(work, piece), piece.box), i});
  }
  const Gaps gaps = rules.may_read_gaps ? Gaps::Between : Gaps::Inside;
  JoinedWindows reads = join_windows(std::move(left), pieces.size(), gaps);
  JoinedWindows writes =
      join_windows(std::move(right), pieces.size(), rules.right_is_written ? Gaps::None : gaps);
  out.reads = std::move(reads.windows);
  out.writes = std::move(writes.windows);
  out.pieces.clear();
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    out.pieces.push_back({pieces[i], reads.of_owner[i], writes.of_owner[i], false});
  }
  measure(work, out);
  assign_memory(work, rules.in_place && rules.right_is_written, out);
}

Placement left_placement(const Work& work, const Tile& tile, const TilePiece& piece) noexcept {
  const Tensor& from = work.left[(*work.copies)[piece.piece.step].from];
  return place_in(tile.reads[piece.read], left_address(work, piece.piece), from.element_nbytes,
                  piece.piece.box);
}

Placement right_placement(const Work& work, const Tile& tile, const TilePiece& piece) noexcept {
  const Tensor& into = work.right[right_of(work, piece.piece.step)];
  return place_in(tile.writes[piece.write], right_address(work, piece.piece), into.element_nbytes,
                  piece.piece.box);
}

}  // namespace recast::exec
