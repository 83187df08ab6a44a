#include "engine/lang/grammar.hpp"

#include <doctest/doctest.h>

#include <tao/pegtl/contrib/analyze.hpp>

namespace recast::lang {
namespace {

TEST_CASE("lang/grammar: no production can loop or recurse without eating a byte") {
  CHECK(tao::pegtl::analyze<grammar::layout::layout>() == 0);
  CHECK(tao::pegtl::analyze<grammar::scalar::scalar>() == 0);
  CHECK(tao::pegtl::analyze<grammar::name::name>() == 0);
}

struct looping : tao::pegtl::star<tao::pegtl::star<tao::pegtl::one<'a'>>> {};

TEST_CASE("lang/grammar: the analysis finds a loop when there is one") {
  CHECK(tao::pegtl::analyze<looping>(-1) != 0);
}

}  // namespace
}  // namespace recast::lang
