#include <doctest/doctest.h>

#include "tests/lint/lint.hpp"

namespace recast::lint {
namespace {

const TextFile kLayers = {"layers.txt",
                          "# a comment\n"
                          "\n"
                          "layer base:\n"
                          "layer io: base\n"
                          "layer lang: base\n"
                          "layer cli: lang io base\n"
                          "wall tao/: engine/lang/grammar.\n"
                          "wall json/a.hpp: *.cpp\n"
                          "wall fstream sys/: engine/io/\n"
                          "wall doctest/:\n"};

std::string problems_of(std::string path, std::string text) {
  return listing(check_layers(kLayers, {{std::move(path), std::move(text)}}));
}

TEST_CASE("lint/layers: includes downward, of its own folder and of the standard library pass") {
  CHECK(problems_of("engine/io/a.cpp",
                    "#include \"engine/io/a.hpp\"\n#include \"engine/base/result.hpp\"\n"
                    "#include <vector>\n  #  include <fstream>\n#include <sys/stat.h>\n") == "");
  CHECK(problems_of("engine/lang/grammar.hpp", "#include <tao/pegtl.hpp>\n") == "");
  CHECK(problems_of("engine/lang/x.cpp", "#include <json/a.hpp>\n") == "");
  CHECK(problems_of("cli/main.cpp", "#include \"cli/plan.hpp\"\n#include \"engine/io/a.hpp\"\n") ==
        "");
  CHECK(problems_of("engine/io/a.cpp", "// #include \"engine/lang/a.hpp\"\n#define X\n") == "");
}

TEST_CASE("lint/layers: each forbidden include is told with its line") {
  struct Row {
    const char* path;
    const char* line;
    const char* problem;
  };
  static constexpr Row rows[] = {
      {"engine/base/a.cpp", "#include \"engine/io/a.hpp\"",
       "'base' may not include 'io': \"engine/io/a.hpp\""},
      {"engine/io/a.cpp", "#include \"engine/lang/a.hpp\"",
       "'io' may not include 'lang': \"engine/lang/a.hpp\""},
      {"engine/io/a.cpp", "#include \"cli/a.hpp\"", "'io' may not include 'cli': \"cli/a.hpp\""},
      {"engine/io/a.cpp", "#include \"tests/a.hpp\"",
       "\"tests/a.hpp\" is not a path of engine/ or cli/ from the root"},
      {"engine/io/a.cpp", "#include \"a.hpp\"",
       "\"a.hpp\" is not a path of engine/ or cli/ from the root"},
      {"engine/odd/a.cpp", "#include \"engine/base/a.hpp\"",
       "its folder is no layer of layers.txt"},
      {"engine/lang/parser.cpp", "#include <tao/pegtl.hpp>",
       "<tao/pegtl.hpp> may not be included here"},
      {"engine/lang/a.hpp", "#include <json/a.hpp>", "<json/a.hpp> may not be included here"},
      {"engine/lang/a.cpp", " # include <fstream>", "<fstream> may not be included here"},
      {"engine/io/a.cpp", "#include <doctest/doctest.h>",
       "<doctest/doctest.h> may not be included here"},
      {"engine/io/a.cpp", "#include <json/b.hpp>", "<json/b.hpp> has no wall in layers.txt"},
      {"engine/io/a.cpp", "#include <odd.h>", "<odd.h> has no wall in layers.txt"},
      {"engine/io/a.cpp", "#include HEADER", "an #include whose name is not written out"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.line);
    CHECK(problems_of(row.path, std::string("\n") + row.line + "\n") ==
          std::string(row.path) + ":2: " + row.problem + "\n");
  }
}

TEST_CASE("lint/layers: a library is linked only where it may be included") {
  CHECK(problems_of("engine/lang/CMakeLists.txt", "  LINKS recast_base recast_options)") == "");
  CHECK(problems_of("engine/lang/CMakeLists.txt", "  LINKS recast_base # not recast_io") == "");
  CHECK(problems_of("engine/lang/CMakeLists.txt", "\n  LINKS recast_base recast_io)") ==
        "engine/lang/CMakeLists.txt:2: 'lang' may not link 'io'\n");
}

TEST_CASE("lint/layers: a file of layers that makes no sense is a problem itself") {
  struct Row {
    const char* text;
    const char* problem;
  };
  static constexpr Row rows[] = {
      {"layer io: base\n", "l:1: layer 'io' names 'base', which does not stand above it\n"},
      {"layer io: io\n", "l:1: layer 'io' names 'io', which does not stand above it\n"},
      {"layer a:\nlayer a:\n", "l:2: layer 'a' stands here twice\n"},
      {"layer a b: \n", "l:1: expected 'layer FOLDER: …' or 'wall HEADERS: …'\n"},
      {"layer a\n", "l:1: expected 'layer FOLDER: …' or 'wall HEADERS: …'\n"},
      {"layers a:\n", "l:1: expected 'layer FOLDER: …' or 'wall HEADERS: …'\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(listing(check_layers({"l", row.text}, {})) == row.problem);
  }
}

}  // namespace
}  // namespace recast::lint
