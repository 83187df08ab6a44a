#pragma once
// Files of weights from a few words, made with the containers' own writers and then damaged as the
// words say:
//
//   tensor NAME DTYPE [EXTENT…]     elements count on from the tensor before; after `same` they
//   begin again tensor NAME DTYPE [EXTENT…] = X every element is X set PATH JSON an entry of the
//   document (torch), e.g. `set args/hidden 8` namespace PATH                  the mapping there
//   becomes an argparse.Namespace replace OLD NEW                 bytes of the finished file, both
//   of the same length, without blanks cut N                           keeps the first N bytes

#include <string>
#include <string_view>

namespace recast::golden {

/// The bytes of a file of `container`. Throws std::runtime_error for words that mean nothing.
std::string make_file(const std::string& container, std::string_view words);

}  // namespace recast::golden
