#include "engine/exec/sharing.hpp"

#include <optional>

namespace recast::exec {
namespace {

constexpr std::int64_t kAlignment = 64;

/// If the piece lies in both windows' memory the same way: what must be added to a place on the
/// left to get the right one.
std::optional<std::int64_t> shift_between(const Work& work, const Tile& tile,
                                          const TilePiece& piece) noexcept {
  if (is_fill(work, piece.piece.step)) return std::nullopt;
  const plan::Copy& copy = (*work.copies)[piece.piece.step];
  if (work.left[copy.from].dtype != work.right[copy.into].dtype) return std::nullopt;
  const Placement left = left_placement(work, tile, piece);
  const Placement right = right_placement(work, tile, piece);
  if (left.stride != right.stride) return std::nullopt;
  return right.place - left.place;
}

/// Decides which windows share memory. Precondition: every window's place is 0.
class Sharing {
 public:
  Sharing(const Work& work, Tile& tile) : tile_(tile) {
    shifts_.reserve(tile.pieces.size());
    for (const TilePiece& piece : tile.pieces)
      shifts_.push_back(shift_between(work, tile, piece));
    find_partners(work);
  }

  /// A written window whose bytes all come from one read window as they lie there is written from
  /// that window's memory.
  void share_writes() {
    for (std::size_t w = 0; w < tile_.writes.size(); ++w) {
      if (!writes_[w].alone) continue;
      tile_.writes[w].shares = true;
      reads_[writes_[w].other].kept = true;
    }
  }

  /// A read window that goes whole into one written window is read straight into it.
  void share_reads() {
    for (std::size_t r = 0; r < tile_.reads.size(); ++r) {
      const Partner& read = reads_[r];
      if (!read.alone || read.kept || tile_.writes[read.other].shares) continue;
      if (read.nbytes != tile_.reads[r].bytes.run * run_count(tile_.reads[r].bytes)) continue;
      tile_.reads[r].shares = true;
    }
  }

  void assign_places() {
    std::int64_t top = 0;
    const auto take = [&top](Window& window) {
      if (window.shares) return;
      window.place = top;
      top += (window.packing.nbytes + kAlignment - 1) / kAlignment * kAlignment;
    };
    for (Window& each : tile_.reads)
      take(each);
    for (Window& each : tile_.writes)
      take(each);
    for (std::size_t w = 0; w < tile_.writes.size(); ++w) {
      if (tile_.writes[w].shares) {
        tile_.writes[w].place = tile_.reads[writes_[w].other].place - writes_[w].shift;
      }
    }
    for (std::size_t r = 0; r < tile_.reads.size(); ++r) {
      if (tile_.reads[r].shares) {
        tile_.reads[r].place = tile_.writes[reads_[r].other].place + reads_[r].shift;
      }
    }
    tile_.staging_nbytes = top;
  }

 private:
  struct Partner {
    bool alone =
        true;  // all pieces of this window go to one window of the other side, by one shift
    bool seen = false;
    bool kept = false;  // another window shares this one's memory
    std::uint32_t other = 0;
    std::int64_t shift = 0;   // right place - left place
    std::int64_t nbytes = 0;  // of its pieces
  };

  static void meet(Partner& partner, std::uint32_t other, const std::optional<std::int64_t>& shift,
                   std::int64_t nbytes) noexcept {
    partner.nbytes += nbytes;
    if (!shift || (partner.seen && (partner.other != other || partner.shift != *shift))) {
      partner.alone = false;
      return;
    }
    partner.seen = true;
    partner.other = other;
    partner.shift = *shift;
  }

  void find_partners(const Work& work) {
    reads_.resize(tile_.reads.size());
    writes_.resize(tile_.writes.size());
    for (std::size_t i = 0; i < tile_.pieces.size(); ++i) {
      const TilePiece& piece = tile_.pieces[i];
      if (is_fill(work, piece.piece.step)) {
        writes_[piece.write].alone = false;
        continue;
      }
      const plan::Copy& copy = (*work.copies)[piece.piece.step];
      const std::int64_t count = tensor::volume(piece.piece.box);
      meet(reads_[piece.read], piece.write, shifts_[i],
           count * work.left[copy.from].element_nbytes);
      meet(writes_[piece.write], piece.read, shifts_[i],
           count * work.right[copy.into].element_nbytes);
    }
  }

  Tile& tile_;
  std::vector<std::optional<std::int64_t>> shifts_;
  std::vector<Partner> reads_;
  std::vector<Partner> writes_;
};

}  // namespace

void assign_memory(const Work& work, bool share, Tile& tile) {
  Sharing sharing(work, tile);
  if (share) {
    sharing.share_writes();
    sharing.share_reads();
  }
  sharing.assign_places();
  for (TilePiece& each : tile.pieces) {
    if (is_fill(work, each.piece.step)) continue;
    each.in_place = tile.writes[each.write].shares || tile.reads[each.read].shares;
  }
}

}  // namespace recast::exec
