#include <unistd.h>

#include <array>
#include <cctype>
#include <random>

#include "engine/io/file_system.hpp"

namespace recast::io {

std::string new_run_name() {
  constexpr std::size_t kLongestHost = 32;
  std::array<char, 256> text{};
  std::string host;
  if (::gethostname(text.data(), text.size() - 1) == 0)
    for (const char* at = text.data(); *at != '\0' && host.size() < kLongestHost; ++at)
      if (std::isalnum(static_cast<unsigned char>(*at)) != 0) host += *at;
  if (host.empty()) host = "host";
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::random_device random;
  std::string digits;
  for (int i = 0; i < 16; ++i)
    digits += kDigits[random() % kDigits.size()];
  return cat(host, "-", ::getpid(), "-", digits);
}

}  // namespace recast::io
