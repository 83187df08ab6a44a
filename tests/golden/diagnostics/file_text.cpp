#include "tests/golden/diagnostics/file_text.hpp"

#include <cstring>
#include <sstream>
#include <stdexcept>

#include "engine/checkpoint/json.hpp"
#include "engine/formats/container.hpp"
#include "tests/support/container_file.hpp"
#include "tests/support/memory_file_system.hpp"
#include "tests/support/required.hpp"

namespace recast::golden {
namespace {

using support::required;
using tensor::Value;

Value namespace_of(Value attributes) {
  tensor::Object object;
  object.how = tensor::Object::How::NewObject;
  object.callee.emplace_back(tensor::Symbol{"argparse", "Namespace"});
  object.args.emplace_back(tensor::Sequence{tensor::Sequence::Kind::Tuple, {}});
  object.state.push_back(std::move(attributes));
  return object;
}

void append(std::string& out, tensor::DType dtype, double value) {
  const auto put = [&](auto number) {
    char bytes[sizeof number];
    std::memcpy(bytes, &number, sizeof number);
    out.append(bytes, sizeof number);
  };
  if (dtype == tensor::DType::F64) return put(value);
  const auto single = static_cast<float>(value);
  if (dtype == tensor::DType::F32) return put(single);
  if (dtype == tensor::DType::BF16) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &single, sizeof bits);
    return put(static_cast<std::uint16_t>(bits >> 16));
  }
  if (dtype == tensor::DType::I64) return put(static_cast<std::int64_t>(value));
  throw std::runtime_error("no elements of " + std::string(tensor::dtype_name(dtype)) + " here");
}

class FileMaker {
 public:
  explicit FileMaker(const std::string& container) : container_(container) {
    if (container == "torch") spec_.root = Value(tensor::Mapping{});
  }

  void line(const std::string& text) {
    std::istringstream words(text);
    std::string word;
    words >> word;
    if (word == "tensor") return tensor(words);
    if (word == "same") {
      next_ = 0;
    } else if (word == "set") {
      std::string path, json;
      words >> path;
      std::getline(words, json);
      tensor::set_field(spec_.root, path, required(checkpoint::parse_json(json, "a golden case")));
    } else if (word == "namespace") {
      std::string path;
      words >> path;
      const Value* attributes = tensor::field_at(spec_.root, path);
      if (attributes == nullptr) throw std::runtime_error("there is nothing at " + path);
      tensor::set_field(spec_.root, path, namespace_of(*attributes));
    } else if (word == "replace") {
      std::string old, fresh;
      words >> old >> fresh;
      replacements_.emplace_back(old, fresh);
    } else if (word == "cut") {
      words >> keep_;
    } else {
      throw std::runtime_error("'" + word + "' is no word of a golden file");
    }
  }

  std::string bytes() const {
    support::MemoryFileSystem disk;
    support::put_container_file(disk, "file", container_, spec_, payloads_);
    std::string out = disk.get("file");
    for (const auto& [old, fresh] : replacements_) {
      const std::size_t at = out.find(old);
      if (at == std::string::npos || old.size() != fresh.size())
        throw std::runtime_error("cannot put " + fresh + " in the place of " + old);
      out.replace(at, old.size(), fresh);
    }
    return out.substr(0, keep_);
  }

 private:
  void tensor(std::istringstream& words) {
    std::string name, dtype, word;
    words >> name >> dtype;
    formats::TensorSpec spec{name, tensor::dtype_of(dtype).value(), {}};
    double constant = 0;
    bool is_constant = false;
    while (words >> word) {
      if (word == "=") {
        is_constant = true;
        words >> constant;
      } else {
        spec.shape.push_back(std::stoll(word));
      }
    }
    std::string payload;
    for (std::int64_t i = 0; i < tensor::element_count(spec.shape); ++i)
      append(payload, spec.dtype, is_constant ? constant : static_cast<double>(next_++));
    if (container_ == "torch")
      tensor::set_field(spec_.root, name, Value(tensor::TensorRef{spec_.tensors.size()}));
    spec_.tensors.push_back(std::move(spec));
    payloads_.push_back(std::move(payload));
  }

  std::string container_;
  formats::FileSpec spec_;
  std::vector<std::string> payloads_;
  std::int64_t next_ = 0;
  std::vector<std::pair<std::string, std::string>> replacements_;
  std::size_t keep_ = std::string::npos;
};

}  // namespace

std::string make_file(const std::string& container, std::string_view words) {
  FileMaker maker(container);
  std::istringstream lines{std::string(words)};
  for (std::string line; std::getline(lines, line);)
    if (!line.empty() && line.front() != '#') maker.line(line);
  return maker.bytes();
}

}  // namespace recast::golden
