#include "tests/mutation/expression_mutants.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>

namespace recast::mutation {
namespace {

struct Token {
  enum class Kind { Word, Number, Text, Mark };
  Kind kind = Kind::Mark;
  std::size_t begin = 0, end = 0;
  std::string text;
};

bool in_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.';
}

std::vector<Token> tokens_of(const std::string& text) {
  std::vector<Token> out;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == ' ') {
      ++i;
      continue;
    }
    Token token{Token::Kind::Mark, i, i + 1, ""};
    if (c == '\'') {
      token.kind = Token::Kind::Text;
      token.end = text.find('\'', i + 1) + 1;
    } else if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
      token.kind = Token::Kind::Number;
      while (token.end < text.size() && in_word(text[token.end]))
        ++token.end;
    } else if (in_word(c)) {
      token.kind = Token::Kind::Word;
      while (token.end < text.size() && in_word(text[token.end]))
        ++token.end;
    } else if (i + 1 < text.size() && text[i + 1] == '=' &&
               std::string("=!<>").find(c) != std::string::npos) {
      token.end = i + 2;
    }
    token.text = text.substr(token.begin, token.end - token.begin);
    i = token.end;
    out.push_back(std::move(token));
  }
  return out;
}

class ExpressionMutator {
 public:
  explicit ExpressionMutator(const std::string& text) : text_(text), tokens_(tokens_of(text)) {}

  std::vector<std::string> run() {
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      mutate(i);
      if (tokens_[i].text == "(" || tokens_[i].text == "[") drop_arguments(i);
      if (tokens_[i].text == "if") mutate_branches(i);
    }
    return std::move(out_);
  }

 private:
  void add(std::string text) {
    if (text != text_ && std::find(out_.begin(), out_.end(), text) == out_.end())
      out_.push_back(std::move(text));
  }
  void replace(std::size_t begin, std::size_t end, const std::string& by) {
    add(text_.substr(0, begin) + by + text_.substr(end));
  }

  void mutate(std::size_t i) {
    const Token& token = tokens_[i];
    const auto by = [&](const std::string& other) { replace(token.begin, token.end, other); };
    switch (token.kind) {
      case Token::Kind::Number:
        return by(token.text.find('.') == std::string::npos
                      ? std::to_string(std::stoll(token.text) + 1)
                      : token.text + "5");
      case Token::Kind::Text:
        return by(token.text.substr(0, token.text.size() - 1) + "_'");
      case Token::Kind::Word:
        return mutate_word(i);
      case Token::Kind::Mark:
        static constexpr std::array<std::pair<const char*, const char*>, 9> kOthers{{{"==", "!="},
                                                                                     {"!=", "=="},
                                                                                     {"<", "<="},
                                                                                     {"<=", "<"},
                                                                                     {">", ">="},
                                                                                     {">=", ">"},
                                                                                     {"+", "-"},
                                                                                     {"*", "+"},
                                                                                     {"-", "+"}}};
        for (const auto& [mark, other] : kOthers)
          if (token.text == mark) by(other);
    }
  }

  void mutate_word(std::size_t i) {
    const Token& token = tokens_[i];
    const auto by = [&](const std::string& other) { replace(token.begin, token.end, other); };
    if (token.text == "and") return by("or");
    if (token.text == "or") return by("and");
    if (token.text == "true") return by("false");
    if (token.text == "false") return by("true");
    if (token.text == "max") return by("min");
    if (token.text == "not") return replace(token.begin, token.end + 1, "");
    for (const char* word : {"if", "then", "else", "in", "null", "mod"})
      if (token.text == word) return;
    const bool call = i + 1 < tokens_.size() && tokens_[i + 1].text == "(";
    if (!call) by("null");
  }

  /// The bracket that closes the one at `open`.
  std::size_t closing(std::size_t open) const {
    int depth = 0;
    for (std::size_t i = open; i < tokens_.size(); ++i) {
      const std::string& text = tokens_[i].text;
      if (text == "(" || text == "[") ++depth;
      if (text == ")" || text == "]") --depth;
      if (depth == 0) return i;
    }
    return tokens_.size() - 1;
  }

  void drop_arguments(std::size_t open) {
    const std::size_t close = closing(open);
    std::vector<std::size_t> borders{open};
    for (std::size_t i = open + 1; i < close; ++i) {
      if (tokens_[i].text == "(" || tokens_[i].text == "[") i = closing(i);
      if (tokens_[i].text == ",") borders.push_back(i);
    }
    borders.push_back(close);
    for (std::size_t i = 0; borders.size() > 2 && i + 1 < borders.size(); ++i) {
      // With the comma before it, the first with the one behind it.
      const Token& from = tokens_[borders[i]];
      const Token& to = tokens_[borders[i + 1]];
      if (i == 0)
        replace(from.end, to.end, "");
      else
        replace(from.begin, to.begin, "");
    }
  }

  /// The word that belongs to the `if` at `at`, behind `from`.
  std::optional<std::size_t> partner(std::size_t from, const std::string& word) const {
    int depth = 0;
    for (std::size_t i = from + 1; i < tokens_.size(); ++i) {
      const std::string& text = tokens_[i].text;
      if (text == "(" || text == "[") {
        i = closing(i);
      } else if (text == "if") {
        ++depth;
      } else if (text == word) {
        if (depth == 0) return i;
        if (word == "else") --depth;
      } else if (text == "else" && depth > 0) {
        --depth;
      }
    }
    return std::nullopt;
  }

  void mutate_branches(std::size_t at) {
    const auto then = partner(at, "then");
    const auto otherwise = then ? partner(*then, "else") : std::nullopt;
    if (!otherwise) return;
    std::size_t end = text_.size();
    for (std::size_t i = *otherwise + 1; i < tokens_.size(); ++i) {
      if (tokens_[i].text == "(" || tokens_[i].text == "[") i = closing(i);
      if (tokens_[i].text == ")" || tokens_[i].text == "]" || tokens_[i].text == ",") {
        end = tokens_[i].begin;
        break;
      }
    }
    const std::size_t begin = tokens_[at].begin;
    const std::string condition =
        text_.substr(tokens_[at].end, tokens_[*then].begin - tokens_[at].end);
    const std::string first =
        text_.substr(tokens_[*then].end, tokens_[*otherwise].begin - tokens_[*then].end);
    const std::string second = text_.substr(tokens_[*otherwise].end, end - tokens_[*otherwise].end);
    replace(begin, end, "(" + first + ")");
    replace(begin, end, "(" + second + ")");
    replace(begin, end, "if" + condition + "then (" + second + ") else (" + first + ")");
  }

  const std::string& text_;
  std::vector<Token> tokens_;
  std::vector<std::string> out_;
};

}  // namespace

std::vector<std::string> mutants_of_expression(const std::string& expression) {
  return ExpressionMutator(expression).run();
}

}  // namespace recast::mutation
