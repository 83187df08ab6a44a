#pragma once
// Files beside the weights: tokenizers, generation settings, licences. They are copied byte by
// byte; a framework that has no place for them keeps them in a folder named after the framework
// they came from, so that the way back is complete.

#include <optional>
#include <string>
#include <vector>

#include "engine/checkpoint/target.hpp"

namespace recast::checkpoint {

struct Carried {
  std::vector<CarriedFile> files;
  std::vector<std::string> notes;  // what was left behind
};

/// What goes along from the source (or, with a tokenizer's folder, from there first).
Carried find_carried(const io::FileSystem& files, const rules::Library& library,
                     const Opened& opened, const std::string& target_framework,
                     const std::string& tokenizer, DiagnosticSink& sink);

/// The configuration of `framework` that lies in a folder of that name inside the checkpoint, and
/// its path.
std::optional<std::pair<tensor::Value, std::string>> carried_config(const io::FileSystem& files,
                                                                    const rules::Library& library,
                                                                    const Opened& opened,
                                                                    const std::string& framework,
                                                                    DiagnosticSink& sink);

/// What a configuration of another framework that travels along knows and this one's cannot say.
struct CarriedModel {
  std::string family;
  rules::Sizes sizes;
};

/// `family`: empty where that configuration is to tell it. None where nothing that could be read
/// travels along. Codes: io.*, format.json.
std::optional<CarriedModel> carried_model(const io::FileSystem& files,
                                          const rules::Library& library, const Opened& opened,
                                          const std::string& family, DiagnosticSink& sink);

}  // namespace recast::checkpoint
