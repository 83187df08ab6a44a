#include "engine/formats/torch_zip/bare_storage.hpp"

#include "engine/formats/torch_zip/torch_dtypes.hpp"

namespace recast::formats {

using tensor::Object;
using tensor::Sequence;
using tensor::TensorRef;

Object bare_storage(tensor::Symbol storage_class, std::size_t index) {
  Object out;
  out.callee.emplace_back(std::move(storage_class));
  out.args.emplace_back(Sequence{Sequence::Kind::Tuple, {TensorRef{index}}});
  return out;
}

std::optional<std::size_t> tensor_of_bare_storage(const Object& object) {
  if (object.how != Object::How::Reduce || object.callee.size() != 1 || object.args.size() != 1 ||
      !object.items.empty() || !object.pairs.empty() || !object.state.empty())
    return std::nullopt;
  const auto* callee = object.callee.front().get_if<tensor::Symbol>();
  const auto* args = object.args.front().get_if<Sequence>();
  if (callee == nullptr || args == nullptr || args->items.size() != 1 ||
      !dtype_of_storage(callee->name))
    return std::nullopt;
  const auto* tensor = args->items.front().get_if<TensorRef>();
  return tensor == nullptr ? std::nullopt : std::optional(tensor->index);
}

}  // namespace recast::formats
