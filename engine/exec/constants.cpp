#include <vector>

#include "engine/exec/difference.hpp"
#include "engine/exec/element.hpp"
#include "engine/exec/executor.hpp"

namespace recast::exec {
namespace {

/// A file that was cast keeps what the narrower type made of the constant.
bool is_constant(tensor::DType dtype, double have, double want) {
  for (const tensor::DType each :
       {dtype, tensor::DType::F32, tensor::DType::F16, tensor::DType::BF16}) {
    const auto bytes = encode_element(each, want);
    const auto rounded = bytes ? element_value(each, bytes->data()) : std::nullopt;
    if (rounded && *rounded == have) return true;
  }
  return false;
}

}  // namespace

Result<void> check_constants(const Inputs& inputs) {
  const plan::Plan& plan = inputs.plan;
  for (const plan::Fill& each : plan.constants) {
    const plan::PlanTensor& tensor = plan.sources[each.into];
    const TensorPlace& place = inputs.source_places[each.into];
    const std::size_t nbytes = tensor::dtype_nbytes(tensor.dtype);
    std::vector<std::byte> bytes(nbytes);
    std::vector<std::int64_t> index(each.box.start.begin(), each.box.start.begin() + each.box.rank);
    for (bool more = tensor::volume(each.box) > 0; more;) {
      std::int64_t element = each.into_offset;
      for (std::size_t k = 0; k < each.box.rank; ++k)
        element += each.into_stride[k] * (index[k] - each.box.start[k]);
      RECAST_TRY(inputs.source_files[place.file]->read(
          place.byte_offset + static_cast<std::uint64_t>(element) * nbytes, bytes));
      const auto have = element_value(tensor.dtype, bytes.data());
      if (!have || !is_constant(tensor.dtype, *have, each.value))
        return make_diagnostic(
                   Code::plan_constant_differs,
                   cat(name_element(plan.logical[each.logical], index), " is ",
                       element_text(tensor.dtype, bytes.data()), " in '", tensor.name,
                       "', expected the constant ", tensor::print(tensor::Value(each.value))))
            .in(tensor.file < plan.source_files.size() ? plan.source_files[tensor.file]
                                                       : tensor.name)
            .suggest(
                "a framework without a place for it computes with the constant; no rule converts "
                "another value");
      more = false;
      for (std::size_t k = each.box.rank; k-- > 0 && !more;) {
        if (++index[k] < each.box.start[k] + each.box.extent[k])
          more = true;
        else
          index[k] = each.box.start[k];
      }
    }
  }
  return {};
}

}  // namespace recast::exec
