#pragma once
// Lays one rule document over another: entries of mappings are replaced or added key by key (one
// level below a section), sequences are appended, scalars replaced. A new entry stands behind the
// entry before it in the document that brings it, so that tables keep an order that means
// something. In sections whose entries are things (sizes, axes, tensors, config, constants, demo,
// shard, pad, rank_buffers) a null takes away what the document below has under that key. A merged
// section has the place of the document that spoke last.

#include "engine/rules/yaml_source.hpp"

namespace recast::rules {

YamlNode merge(YamlNode under, const YamlNode& over);

}  // namespace recast::rules
