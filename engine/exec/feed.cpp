#include "engine/exec/feed.hpp"

#include <algorithm>
#include <utility>

namespace recast::exec {
namespace {

constexpr std::size_t kMostPieces = 1024;  // of a batch of small components

/// The position of an axis in a piece's box; rank if it has none of that name.
std::size_t axis_position(const Work& work, const Piece& piece, std::uint16_t axis) noexcept {
  const std::vector<std::uint16_t>& ids = work.axis_ids[logical_of(work, piece.step)];
  std::size_t k = 0;
  while (k < piece.box.rank && ids[k] != axis)
    ++k;
  return k;
}

/// The part of the pieces in one of `slices` even parts of a line. Pieces without the axis go to
/// the first part.
std::vector<Piece> slice_of(const Work& work, const std::vector<Piece>& pieces, const CutLine& line,
                            std::int64_t slices, std::int64_t slice) {
  const std::int64_t length = line.end - line.begin;
  const auto edge = [&](std::int64_t i) {
    return line.begin + length / slices * i + length % slices * i / slices;
  };
  const std::int64_t begin = edge(slice);
  const std::int64_t end = edge(slice + 1);
  if (line.axis == CutLine::kList) return {pieces.begin() + begin, pieces.begin() + end};
  std::vector<Piece> out;
  for (const Piece& piece : pieces) {
    const std::size_t k = axis_position(work, piece, line.axis);
    if (k == piece.box.rank) {
      if (slice == 0) out.push_back(piece);
      continue;
    }
    const std::int64_t from = std::max(begin, piece.box.start[k]);
    const std::int64_t to = std::min(end, piece.box.start[k] + piece.box.extent[k]);
    if (from >= to) continue;
    out.push_back(piece);
    out.back().box.start[k] = from;
    out.back().box.extent[k] = to - from;
  }
  return out;
}

/// The lines along which the pieces can be cut, axes in the order in which they appear.
std::vector<CutLine> cut_lines(const Work& work, const std::vector<Piece>& pieces) {
  std::vector<CutLine> lines;
  for (const Piece& piece : pieces) {
    const std::vector<std::uint16_t>& ids = work.axis_ids[logical_of(work, piece.step)];
    for (std::size_t k = 0; k < piece.box.rank; ++k) {
      const std::int64_t begin = piece.box.start[k];
      const std::int64_t end = begin + piece.box.extent[k];
      const auto line = std::find_if(lines.begin(), lines.end(),
                                     [&](const CutLine& each) { return each.axis == ids[k]; });
      if (line == lines.end()) {
        lines.push_back({ids[k], begin, end});
      } else {
        line->begin = std::min(line->begin, begin);
        line->end = std::max(line->end, end);
      }
    }
  }
  std::erase_if(lines, [](const CutLine& each) { return each.end - each.begin < 2; });
  if (lines.empty() && pieces.size() > 1) {
    lines.push_back({CutLine::kList, 0, static_cast<std::int64_t>(pieces.size())});
  }
  return lines;
}

std::int64_t ceil_div(std::int64_t a, std::int64_t b) noexcept {
  return (a + b - 1) / b;
}

/// Whether a moves a byte at less cost than b.
bool is_cheaper(const Tile& a, const Tile& b) noexcept {
  return static_cast<double>(a.cost_nbytes) * static_cast<double>(b.payload_nbytes) <
         static_cast<double>(b.cost_nbytes) * static_cast<double>(a.payload_nbytes);
}

struct Decision {
  CutLine line;
  std::int64_t slices = 1;  // 1: leave it whole
};

/// Cuts where the parts cost least per byte: that is where the contiguous runs of both sides stay
/// longest. Where parts of any size need the calls of the whole, they are made as many as are
/// wanted at once.
Decision decide(const Work& work, const std::vector<Piece>& pieces, const Tile& whole,
                const TileLimits& limits, TileRules rules) {
  rules.may_read_gaps = false;
  Decision out;
  Tile half;
  Tile best;
  for (const CutLine& line : cut_lines(work, pieces)) {
    lay_out(work, slice_of(work, pieces, line, 2, 0), rules, half);
    if (out.slices > 1 && !is_cheaper(half, best)) continue;
    out = {line, 2};
    std::swap(best, half);
  }
  if (out.slices == 1) return out;
  const bool must = whole.staging_nbytes > limits.most_nbytes;
  const bool calls_stay_long = best.payload_nbytes >= best.call_count * limits.call_nbytes;
  if (!must && !calls_stay_long) return {};
  if (best.call_count != whole.call_count) return out;
  const std::int64_t wanted =
      std::min(ceil_div(whole.staging_nbytes, limits.preferred_nbytes),
               whole.payload_nbytes / (whole.call_count * limits.call_nbytes));
  const std::int64_t needed = ceil_div(whole.staging_nbytes, limits.most_nbytes);
  const std::int64_t slices = std::min(std::max(wanted, needed), out.line.end - out.line.begin);
  if (slices <= 2) return out;
  lay_out(work, slice_of(work, pieces, out.line, slices, 0), rules, half);
  if (half.call_count == whole.call_count) out.slices = slices;
  return out;
}

}  // namespace

TileFeed::TileFeed(const Work& work, TileLimits limits, TileRules rules)
    : work_(work), limits_(limits), rules_(rules), components_(find_components(work)) {}

bool TileFeed::next(Tile& tile) {
  Node node;
  if (!take(node)) return false;
  try {
    refine(std::move(node), tile);
  } catch (...) {
    stop();
    throw;
  }
  const std::lock_guard lock(mutex_);
  --refining_;
  changed_.notify_all();
  return !stopped_;
}

void TileFeed::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

bool TileFeed::take(Node& node) {
  std::unique_lock lock(mutex_);
  while (true) {
    if (stopped_) return false;
    if (!waiting_.empty()) {
      Node& top = waiting_.back();
      node = top;
      if (++top.next_slice == top.slices) waiting_.pop_back();
      break;
    }
    if (next_component_ < components_.count()) {
      node.pieces = std::make_shared<const std::vector<Piece>>(next_batch());
      break;
    }
    if (refining_ == 0) return false;
    changed_.wait(lock);
  }
  ++refining_;
  return true;
}

/// Cuts off a first tile and leaves the rest for whoever comes next.
void TileFeed::refine(Node node, Tile& tile) {
  while (true) {
    if (node.slices > 1) {
      node.pieces = std::make_shared<const std::vector<Piece>>(
          slice_of(work_, *node.pieces, node.line, node.slices, node.next_slice));
    }
    TileRules rules = rules_;
    rules.may_read_gaps = !node.is_part;
    lay_out(work_, *node.pieces, rules, tile);
    if (tile.staging_nbytes <= limits_.preferred_nbytes) return;
    const Decision decision = decide(work_, *node.pieces, tile, limits_, rules_);
    if (decision.slices == 1) {
      RECAST_CHECK(tile.staging_nbytes <= limits_.most_nbytes, "a tile that cannot be cut fits");
      return;
    }
    node.is_part = true;
    node.line = decision.line;
    node.slices = decision.slices;
    node.next_slice = 1;
    const std::lock_guard lock(mutex_);
    waiting_.push_back(node);
    changed_.notify_one();
    node.next_slice = 0;
  }
}

std::vector<Piece> TileFeed::next_batch() {
  std::vector<Piece> out;
  std::int64_t nbytes = 0;
  while (next_component_ < components_.count()) {
    const std::size_t begin = components_.first[next_component_];
    const std::size_t end = components_.first[next_component_ + 1];
    std::int64_t more = 0;
    for (std::size_t i = begin; i < end; ++i) {
      const StepIndex step = components_.steps[i];
      more +=
          tensor::volume(box_of(work_, step)) * work_.right[right_of(work_, step)].element_nbytes;
    }
    if (!out.empty() && (nbytes + more > limits_.preferred_nbytes / 2 ||
                         out.size() + (end - begin) > kMostPieces)) {
      break;
    }
    for (std::size_t i = begin; i < end; ++i) {
      const StepIndex step = components_.steps[i];
      out.push_back({step, box_of(work_, step)});
    }
    nbytes += more;
    ++next_component_;
  }
  return out;
}

}  // namespace recast::exec
