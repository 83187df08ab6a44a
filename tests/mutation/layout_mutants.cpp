#include "tests/mutation/layout_mutants.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <stdexcept>

#include "engine/lang/parser.hpp"
#include "engine/lang/print.hpp"

namespace recast::mutation {
namespace {

const std::string kPartLeftOut = "part left out";

struct Item;
using Sequence = std::vector<Item>;
struct Part {
  std::string label;
  bool optional = false;
  Sequence items;
};
/// A tree that is easy to change, in the place of the flat one that the parser makes.
struct Item {
  std::string axis;       // "1" is a unit; empty for what follows
  Sequence group;         // in parentheses …
  std::vector<Part> sum;  // … or a sum, where it has parts
};
struct Tree {
  std::string label;
  Sequence dims;
};

Sequence sequence_of(const lang::LayoutExpr& expr, const std::vector<lang::LayoutId>& ids) {
  Sequence out;
  for (const lang::LayoutId id : ids) {
    const auto& node = expr.nodes[id].node;
    Item item;
    if (const auto* axis = std::get_if<lang::LayoutAxis>(&node)) {
      item.axis = axis->name;
    } else if (const auto* group = std::get_if<lang::LayoutGroup>(&node)) {
      item.group = sequence_of(expr, group->items);
    } else if (const auto* sum = std::get_if<lang::LayoutSum>(&node)) {
      for (const lang::LayoutPart& part : sum->parts)
        item.sum.push_back({part.label, part.optional, sequence_of(expr, part.items)});
    } else {
      item.axis = "1";
    }
    out.push_back(std::move(item));
  }
  return out;
}

std::string print(const Sequence& items) {
  std::string out;
  for (const Item& item : items) {
    if (!out.empty()) out += ' ';
    if (!item.axis.empty()) {
      out += item.axis;
    } else if (item.sum.empty()) {
      out += "(" + print(item.group) + ")";
    } else {
      out += "[";
      for (std::size_t i = 0; i < item.sum.size(); ++i) {
        const Part& part = item.sum[i];
        out += i > 0 ? " | " : "";
        if (!part.label.empty()) out += part.label + (part.optional ? "?: " : ": ");
        out += print(part.items);
      }
      out += "]";
    }
  }
  return out;
}

std::string print(const Tree& tree) {
  return tree.label.empty() ? print(tree.dims) : tree.label + ": " + print(tree.dims);
}

/// A group or a part that holds nothing cannot be written; a tensor without dimensions can.
bool is_writable(const Sequence& items) {
  for (const Item& item : items) {
    if (!item.axis.empty()) continue;
    if (item.sum.empty() && (item.group.empty() || !is_writable(item.group))) return false;
    for (const Part& part : item.sum)
      if (part.items.empty() || !is_writable(part.items)) return false;
  }
  return true;
}

/// Each tensor in a layout with its axes.
using Tensors = std::vector<std::pair<std::string, std::multiset<std::string>>>;

Tensors tensors_of(const Sequence& items) {
  Tensors out(1);
  for (const Item& item : items) {
    Tensors inner;
    if (!item.axis.empty()) {
      inner = {{"", {item.axis}}};
    } else if (item.sum.empty()) {
      inner = tensors_of(item.group);
    }
    for (const Part& part : item.sum)
      for (const auto& [label, axes] : tensors_of(part.items))
        inner.emplace_back(part.label + label, axes);
    Tensors both;
    for (const auto& [label, axes] : out)
      for (const auto& [more, others] : inner) {
        both.emplace_back(label + more, axes);
        both.back().second.insert(others.begin(), others.end());
        both.back().second.erase("1");
      }
    out = std::move(both);
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// All sequences of a tree, outer ones first.
void collect(Sequence& from, std::vector<Sequence*>& out) {
  out.push_back(&from);
  for (Item& item : from) {
    if (!item.group.empty()) collect(item.group, out);
    for (Part& part : item.sum)
      collect(part.items, out);
  }
}

class Mutator {
 public:
  explicit Mutator(Tree tree) : tree_(std::move(tree)), tensors_(tensors_of(tree_.dims)) {
    seen_.insert(print(tree_));
  }

  std::vector<LayoutMutant> run() {
    const std::size_t count = sequences(tree_).size();
    for (std::size_t s = 0; s < count; ++s) {
      mutate_sequence(s);
      for (std::size_t t = 0; t < count; ++t)
        move_axes(s, t);
    }
    exchange_axes();
    return std::move(out_);
  }

 private:
  static std::vector<Sequence*> sequences(Tree& tree) {
    std::vector<Sequence*> out;
    collect(tree.dims, out);
    return out;
  }

  /// Changes a copy.
  void add(const std::string& what,
           const std::function<void(const std::vector<Sequence*>&)>& change) {
    Tree copy = tree_;
    change(sequences(copy));
    if (copy.dims.empty() && copy.label.empty()) return;
    if (!is_writable(copy.dims) || (what != kPartLeftOut && tensors_of(copy.dims) != tensors_))
      return;
    std::string text = print(copy);
    if (seen_.insert(text).second) out_.push_back({what, std::move(text)});
  }

  void mutate_sequence(std::size_t s) {
    const Sequence items = *sequences(tree_)[s];
    for (std::size_t i = 0; i < items.size(); ++i) {
      for (std::size_t j = i + 1; j < items.size(); ++j)
        add("items swapped", [&](const auto& all) { std::swap((*all[s])[i], (*all[s])[j]); });
      add("item left out", [&](const auto& all) {
        all[s]->erase(all[s]->begin() + static_cast<std::ptrdiff_t>(i));
      });
      if (!items[i].group.empty())
        add("parentheses left out", [&](const auto& all) {
          Sequence& into = *all[s];
          into.erase(into.begin() + static_cast<std::ptrdiff_t>(i));
          into.insert(into.begin() + static_cast<std::ptrdiff_t>(i), items[i].group.begin(),
                      items[i].group.end());
        });
      if (s == 0 && i + 1 < items.size())
        add("dimensions joined", [&](const auto& all) {
          Item group;
          group.group = {items[i], items[i + 1]};
          (*all[s])[i] = group;
          all[s]->erase(all[s]->begin() + static_cast<std::ptrdiff_t>(i) + 1);
        });
      for (std::size_t p = 0; p < items[i].sum.size(); ++p) {
        if (items[i].sum.size() > 1)
          add(kPartLeftOut, [&](const auto& all) {
            std::vector<Part>& parts = (*all[s])[i].sum;
            parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(p));
          });
        for (std::size_t q = p + 1; q < items[i].sum.size(); ++q) {
          add("parts swapped",
              [&](const auto& all) { std::swap((*all[s])[i].sum[p], (*all[s])[i].sum[q]); });
          add("labels swapped", [&](const auto& all) {
            std::swap((*all[s])[i].sum[p].label, (*all[s])[i].sum[q].label);
          });
        }
      }
    }
  }

  void move_axes(std::size_t from, std::size_t to) {
    const Sequence items = *sequences(tree_)[from];
    const std::size_t places = sequences(tree_)[to]->size();
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (items[i].axis.empty()) continue;
      for (std::size_t j = 0; j <= places; ++j)
        add("axis moved", [&](const auto& all) {
          // Put in first: the sequences' addresses hold while their own items stay.
          all[to]->insert(all[to]->begin() + static_cast<std::ptrdiff_t>(j), items[i]);
          const std::size_t old = from == to && j <= i ? i + 1 : i;
          erase_at(*all[0], from, old);
        });
      if (to != 0 || from != 0) continue;
      for (std::size_t j = 0; j < places; ++j)
        for (const bool before : {true, false})
          if (j != i)
            add("axis moved into a dimension", [&](const auto& all) {
              Item group;
              group.group = {items[j]};
              group.group.insert(before ? group.group.begin() : group.group.end(), items[i]);
              (*all[0])[j] = group;
              all[0]->erase(all[0]->begin() + static_cast<std::ptrdiff_t>(i));
            });
    }
  }

  /// Inserting into an outer sequence may have moved the inner one: it is looked up again.
  static void erase_at(Sequence& dims, std::size_t sequence, std::size_t at) {
    std::vector<Sequence*> all;
    collect(dims, all);
    all[sequence]->erase(all[sequence]->begin() + static_cast<std::ptrdiff_t>(at));
  }

  void exchange_axes() {
    const auto axes = [](const std::vector<Sequence*>& all) {
      std::vector<std::string*> out;
      for (Sequence* sequence : all)
        for (Item& item : *sequence)
          if (!item.axis.empty()) out.push_back(&item.axis);
      return out;
    };
    const std::size_t count = axes(sequences(tree_)).size();
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t j = i + 1; j < count; ++j)
        add("axes exchanged", [&](const auto& all) { std::swap(*axes(all)[i], *axes(all)[j]); });
  }

  Tree tree_;
  Tensors tensors_;
  std::set<std::string> seen_;
  std::vector<LayoutMutant> out_;
};

}  // namespace

std::vector<LayoutMutant> mutants_of_layout(const std::string& layout) {
  const auto expr = lang::parse_layout(make_source("layout", layout));
  if (!expr) throw std::runtime_error(layout + ": " + expr.error().message);
  return Mutator({expr->label, sequence_of(*expr, expr->dims)}).run();
}

}  // namespace recast::mutation
