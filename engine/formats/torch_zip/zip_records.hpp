#pragma once
// Sizes, signatures and field offsets of the zip records that a torch file holds. Source: the zip
// application note (APPNOTE.TXT 6.3.x, §4.3) and, for what PyTorch puts into them, pytorch/pytorch
// caffe2/serialize/inline_container.cc; FORMAT.md has both as tables.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace recast::formats::zip {

inline constexpr std::uint32_t kLocalSignature = 0x04034B50;
inline constexpr std::uint32_t kDescriptorSignature = 0x08074B50;
inline constexpr std::uint32_t kEntrySignature = 0x02014B50;
inline constexpr std::uint32_t kEndSignature = 0x06054B50;
inline constexpr std::uint32_t kEnd64Signature = 0x06064B50;
inline constexpr std::uint32_t kLocatorSignature = 0x07064B50;

inline constexpr std::size_t kLocalNbytes = 30;
inline constexpr std::size_t kEntryNbytes = 46;
inline constexpr std::size_t kEndNbytes = 22;
inline constexpr std::size_t kEnd64Nbytes = 56;
inline constexpr std::size_t kLocatorNbytes = 20;
inline constexpr std::size_t kMaxComment = 0xFFFF;

inline constexpr std::uint16_t kZip64Tag = 0x0001;
inline constexpr std::uint32_t kSeeZip64 = 0xFFFFFFFF;
inline constexpr std::uint16_t kSeeZip64Count = 0xFFFF;

inline constexpr std::uint16_t kFlagEncrypted = 1U << 0;
inline constexpr std::uint16_t kFlagDescriptor = 1U << 3;
inline constexpr std::uint16_t kFlagPatch = 1U << 5;
inline constexpr std::uint16_t kFlagStrongEncryption = 1U << 6;
inline constexpr std::uint16_t kFlagUtf8 = 1U << 11;
inline constexpr std::uint16_t kFlagMasked = 1U << 13;

inline constexpr std::uint16_t kStored = 0;

}  // namespace recast::formats::zip
