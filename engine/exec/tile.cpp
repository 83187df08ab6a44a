#include "engine/exec/tile.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

namespace recast::exec {
namespace {

// A positioned read costs about as much as copying this many bytes (measured on tmpfs: 0.3 µs).
constexpr std::int64_t kGapNbytes = 2048;
constexpr std::int64_t kAlignment = 64;

struct Entry {
  Footprint bytes;
  std::uint32_t owner = 0;  // the piece, while entries are one per piece
};

bool precedes(const Entry& a, const Entry& b) noexcept {
  if (a.bytes.file != b.bytes.file) return a.bytes.file < b.bytes.file;
  if (a.bytes.rank != b.bytes.rank) return a.bytes.rank < b.bytes.rank;
  for (std::size_t k = 0; k < a.bytes.rank; ++k) {
    const FootprintAxis &x = a.bytes.axes[k], &y = b.bytes.axes[k];
    if (x.stride != y.stride) return x.stride < y.stride;
    if (x.extent != y.extent) return x.extent < y.extent;
  }
  if (a.bytes.base != b.bytes.base) return a.bytes.base < b.bytes.base;
  return a.owner < b.owner;
}

/// Joins entries into windows; `window_of[owner]` receives each entry's window.
class Joiner {
 public:
  Joiner(std::vector<Entry> entries, std::size_t owner_count)
      : entries_(std::move(entries)), root_(owner_count) {
    std::iota(root_.begin(), root_.end(), 0U);
  }

  void join_neighbours() {
    bool joined = entries_.size() > 1;
    while (joined) {
      std::sort(entries_.begin(), entries_.end(), precedes);
      joined = false;
      std::size_t last = 0;
      for (std::size_t i = 1; i < entries_.size(); ++i) {
        if (join(entries_[last].bytes, entries_[i].bytes)) {
          adopt(entries_[last], entries_[i]);
          joined = true;
        } else {
          entries_[++last] = entries_[i];
        }
      }
      entries_.resize(last + 1);
      for (Entry& each : entries_)
        collapse(each.bytes);
    }
  }

  /// For reads: takes short gaps and windows inside others along.
  void read_through() {
    for (Entry& each : entries_)
      read_through_gaps(each.bytes, kGapNbytes);
    join_neighbours();
    if (entries_.size() < 2) return;
    // Sorted by file, then rank: plain intervals come first within a file.
    std::size_t last = 0;
    std::optional<std::size_t> interval =
        entries_[0].bytes.rank == 0 ? std::optional<std::size_t>{0} : std::nullopt;
    for (std::size_t i = 1; i < entries_.size(); ++i) {
      Entry& each = entries_[i];
      if (interval && each.bytes.rank == 0 && bridges(entries_[*interval].bytes, each.bytes)) {
        Footprint& grown = entries_[*interval].bytes;
        grown.run = std::max(grown.run, each.bytes.base + each.bytes.run - grown.base);
        adopt(entries_[*interval], each);
        continue;
      }
      entries_[++last] = each;
      if (each.bytes.rank == 0) interval = last;
    }
    entries_.resize(last + 1);
    absorb();
  }

  std::vector<Window> windows(std::vector<std::uint32_t>& window_of) {
    std::vector<std::uint32_t> of_root(root_.size());
    std::vector<Window> out;
    out.reserve(entries_.size());
    for (const Entry& each : entries_) {
      of_root[each.owner] = static_cast<std::uint32_t>(out.size());
      out.push_back({each.bytes, pack(each.bytes), 0, false});
    }
    window_of.resize(root_.size());
    for (std::uint32_t i = 0; i < root_.size(); ++i)
      window_of[i] = of_root[find(i)];
    return out;
  }

 private:
  static bool bridges(const Footprint& a, const Footprint& b) noexcept {
    const std::int64_t gap = b.base - (a.base + a.run);
    return a.file == b.file && gap <= kGapNbytes && gap <= std::min(a.run, b.run);
  }

  /// Drops strided windows that lie wholly inside an interval.
  void absorb() {
    std::size_t last = 0;
    std::vector<Entry> kept;
    kept.reserve(entries_.size());
    for (Entry& each : entries_) {
      Entry* outer = each.bytes.rank == 0 ? nullptr : interval_around(kept, last, each.bytes);
      if (outer != nullptr) {
        adopt(*outer, each);
        continue;
      }
      kept.push_back(each);
      if (each.bytes.rank == 0) last = kept.size();
    }
    entries_ = std::move(kept);
  }

  /// `intervals` are the first `count` entries of `kept`, or earlier files' entries; sorted by file
  /// and base within a rank.
  static Entry* interval_around(std::vector<Entry>& kept, std::size_t count,
                                const Footprint& bytes) noexcept {
    std::int64_t end = bytes.base + bytes.run;
    for (std::size_t k = 0; k < bytes.rank; ++k) {
      end += (bytes.axes[k].extent - 1) * bytes.axes[k].stride;
    }
    for (std::size_t i = count; i-- > 0;) {
      const Footprint& outer = kept[i].bytes;
      if (outer.file != bytes.file || outer.rank != 0) break;
      if (outer.base <= bytes.base) return outer.base + outer.run >= end ? &kept[i] : nullptr;
    }
    return nullptr;
  }

  void adopt(const Entry& into, const Entry& from) noexcept {
    root_[find(from.owner)] = find(into.owner);
  }

  std::uint32_t find(std::uint32_t i) noexcept {
    while (root_[i] != i) {
      root_[i] = root_[root_[i]];
      i = root_[i];
    }
    return i;
  }

  std::vector<Entry> entries_;
  std::vector<std::uint32_t> root_;
};

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

void add_calls(const std::vector<Window>& windows, Tile& out) noexcept {
  for (const Window& each : windows) {
    out.call_count += run_count(each.bytes);
    out.payload_nbytes += covered_nbytes(each.bytes);
  }
}

}  // namespace

void lay_out(const Work& work, const std::vector<Piece>& pieces, const TileRules& rules,
             Tile& out) {
  std::vector<Entry> left;
  std::vector<Entry> right;
  left.reserve(pieces.size());
  right.reserve(pieces.size());
  for (std::uint32_t i = 0; i < pieces.size(); ++i) {
    const Piece& piece = pieces[i];
    const std::span<const std::int64_t> extents(piece.box.extent.data(), piece.box.rank);
    if (!is_fill(work, piece.step)) {
      const Tensor& from = work.left[(*work.copies)[piece.step].from];
      const Address address = left_address(work, piece);
      left.push_back({footprint_of(from.file, address.at, from.element_nbytes, extents,
                                   {address.strides, piece.box.rank}),
                      i});
    }
    const Tensor& into = work.right[right_of(work, piece.step)];
    const Address address = right_address(work, piece);
    right.push_back({footprint_of(into.file, address.at, into.element_nbytes, extents,
                                  {address.strides, piece.box.rank}),
                     i});
  }
  Joiner reads(std::move(left), pieces.size());
  Joiner writes(std::move(right), pieces.size());
  reads.join_neighbours();
  reads.read_through();
  writes.join_neighbours();
  if (!rules.right_is_written) writes.read_through();

  std::vector<std::uint32_t> read_of;
  std::vector<std::uint32_t> write_of;
  out.reads = reads.windows(read_of);
  out.writes = writes.windows(write_of);
  out.pieces.clear();
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    out.pieces.push_back({pieces[i], read_of[i], write_of[i], false});
  }
  out.call_count = 0;
  out.payload_nbytes = 0;
  add_calls(out.reads, out);
  add_calls(out.writes, out);

  Sharing sharing(work, out);
  if (rules.in_place && rules.right_is_written) {
    sharing.share_writes();
    sharing.share_reads();
  }
  sharing.assign_places();
  for (TilePiece& each : out.pieces) {
    if (is_fill(work, each.piece.step)) continue;
    each.in_place = out.writes[each.write].shares || out.reads[each.read].shares;
  }
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
