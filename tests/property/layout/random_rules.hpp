#pragma once
// A random family and two frameworks that keep it in different ways, as YAML and as what the YAML
// means: the oracle packs from the latter, the engine reads the former.

#include <string>
#include <vector>

#include "tests/property/layout/packing.hpp"

namespace recast::packing {

/// A line of a tensor table. Its elements have the axes of the layout and those in the name.
struct Line {
  std::string stem;
  Layout layout;
  std::vector<int> name_axes;  // outermost first
  int cut_dim = -1;  // the packed dimension that is cut along tp; -1: the framework's axes are
  enum class Where { Everywhere, First, Last } where = Where::Everywhere;
};

struct Framework {
  std::string name;
  std::vector<Line> lines;
  std::int64_t tp = 1;
  std::vector<std::int64_t> layers;  // per stage
  std::vector<int> sharded;          // axes
};

struct Family {
  std::vector<std::string> axes;  // axis 0 is `layer`
  std::vector<std::int64_t> extents;
  std::vector<std::string> labels;
  std::vector<std::vector<int>> label_axes;
  Framework first, second;

  std::string model_yaml() const;
  static std::string dialect_yaml(const Framework& framework);
  std::string page_yaml(const Framework& framework) const;
};

Family random_family(Random& random);

/// A stored tensor as packing makes it.
struct PackedTensor {
  std::string file, name;
  Packed content;
};
std::vector<PackedTensor> packed_files(const Family& family, const Framework& framework);

}  // namespace recast::packing
