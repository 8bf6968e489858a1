// SPDX-License-Identifier: GPL-3.0-or-later
// twin-match --report: the page for the logbook.
#include <gmock/gmock.h>

#include "bond_search.h"
#include "process/child.h"
#include "stream/documents.h"

using namespace twin;
using namespace tools;

namespace match_report_test {
using ::testing::HasSubstr;
using ::testing::Not;

namespace {

// Reads a page as browsers do; complains of whatever runs, refers outside or is not closed, and
// prints the text, a cell or a paragraph a line.
constexpr auto reader = R"(
import html.parser, sys
page = open(sys.argv[1], encoding="utf-8").read()
assert all(c >= " " or c == "\n" for c in page), "control bytes"
known = set("html head meta style title body h1 h2 p table tr th td svg g defs path rect circle line "
            "text tspan polyline polygon use".split())
class Reader(html.parser.HTMLParser):
    open, text = [], []
    def handle_starttag(self, tag, attributes):
        assert tag in known, tag
        for name, value in attributes:
            assert not name.startswith("on") and name not in ("src", "action", "style"), name
            assert "href" not in name or value.startswith("#"), value
            assert "url(" not in (value or ""), value
        if tag != "meta": self.open.append(tag)
        if tag in ("p", "td", "th", "h1", "h2", "title"): self.text.append("")
    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes); self.handle_endtag(tag)
    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag
    def handle_data(self, data):
        if self.text and self.open and self.open[-1] in ("p", "td", "th", "h1", "h2", "title"):
            self.text[-1] += data
r = Reader()
r.feed(page)
r.close()
assert not r.open, r.open
assert "://" not in page.replace("http://www.w3.org/", ""), "a reference"
print("\n".join(r.text))
)";

const std::string hostile = "<script>alert(1)</script>\"'&amp;\x1b[31m\x01`reboot`</td>";

struct MatchReport : bond_search::Search {
  void SetUp() override {
    SKIP_WITHOUT("python3");
    put("reader.py", reader);
  }
  // The text of the page, which must be in order.
  std::string read(const std::string& page) {
    const auto said = run({"python3", "reader.py", page});
    EXPECT_EQ(said.status, 0) << said.error;
    return said.out;
  }
  void measure(const record::Result& result) { put("measured.jsonl", whole_stream(line(result))); }
};

TEST_F(MatchReport, OfAMatchHasAllOfIt) {
  auto problem = begin(1);
  problem.measured.context.scan = "scan 7";
  measure(problem.measured);
  const auto said = match({}, {"--report", "page.html"});
  ASSERT_EQ(said.status, 0) << said.error;
  const auto text = read("page.html");
  EXPECT_THAT(text, HasSubstr("MATCH: bond and scan scan 7"));
  for (const char* part : {"Quantities", "Parameters", "Alternatives", "Iterations", "Figure",
                           "Provenance", "held back", "log_k", "confirmation"})
    EXPECT_THAT(text, HasSubstr(part));
  const auto states = all<record::State>(said.out);
  for (const auto& state : states) EXPECT_THAT(text, HasSubstr(state.header.id));
  EXPECT_THAT(text, HasSubstr(all<record::Start>(said.out).at(0).header.id));
  EXPECT_THAT(text, HasSubstr(all<record::Verdict>(said.out).back().model));
  const auto drawn = !process::find_program("gnuplot").empty();
  EXPECT_EQ(get("page.html").find("<svg") != std::string::npos, drawn);
}

TEST_F(MatchReport, EscapesWhateverIsInTheData) {
  auto problem = begin(1);
  problem.measured.context.scan = hostile;
  problem.measured.context.sample = hostile;
  problem.measured.recipe_name = hostile;
  problem.measured.recipe_sha256 = hostile;
  measure(problem.measured);
  const std::string name = "a<script>&\"'.jsonl";
  put(name, get("measured.jsonl"));
  const auto said = run({"twin-match", "--with", name, "--model", "model.yaml", "--engine",
                         engine({}), "--report", "page.html"});
  ASSERT_EQ(said.status, 0) << said.error;
  const auto text = read("page.html");
  EXPECT_THAT(text, HasSubstr("<script>alert(1)</script>\"'&amp;\\x1b[31m\\x01`reboot`</td>"));
  EXPECT_THAT(text, HasSubstr(name));
  EXPECT_THAT(get("page.html"), Not(HasSubstr("<script")));
}

TEST_F(MatchReport, OfEveryOtherEnd) {
  // Out of reach of the parameters: no match.
  auto problem = begin(1);
  problem.measured.quantities.at("a").value = 9.5;
  measure(problem.measured);
  auto said = match({}, {"--report", "no.html"});
  EXPECT_EQ(said.status, 3) << said.error;
  EXPECT_THAT(read("no.html"), HasSubstr("NO MATCH"));
  begin(1);
  said = match({"--lie", "no-sigma"}, {"--report", "open.html"});
  EXPECT_THAT(read("open.html"), HasSubstr("INCONCLUSIVE"));
  EXPECT_THAT(read("open.html"), HasSubstr("Not compared: r:Pb-I.1: simulated without"));
  begin(1);
  said = match({"--lie", "die"}, {"--report", "dead.html"});
  EXPECT_EQ(said.status, 69);
  EXPECT_THAT(read("dead.html"), HasSubstr("ended before its time"));
  EXPECT_THAT(read("dead.html"), HasSubstr("the pump stopped"));
}

TEST_F(MatchReport, WithoutGnuplotSaysSo) {
  begin(1);
  std::string engine_alone = path("bin");
  put_program("nothing", "#!/bin/sh\n");
  const auto said = run(command({}, {"--report", "page.html"}), {}, {{"PATH", engine_alone}});
  ASSERT_EQ(said.status, 0) << said.error;
  EXPECT_THAT(read("page.html"), HasSubstr("No figure: gnuplot"));
}

TEST_F(MatchReport, OfOneStep) {
  begin(1);
  record::ModelRecord request;
  request.model = stream::read_model(path("model.yaml"));
  const auto answer = run({engine_path()}, line(request));
  const auto said = run({"twin-match", "--with", "measured.jsonl", "--report", "page.html"},
                        whole_stream(line(request) + answer.out, "bond_engine"));
  EXPECT_EQ(said.status, 1) << said.error;
  EXPECT_THAT(read("page.html"), HasSubstr("Iterations"));
}

TEST_F(MatchReport, IsRefusedBeforeTheWorkAndReplacesNothingByHalf) {
  begin(1);
  EXPECT_EQ(match({}, {"--report", "model.yaml"}).status, 64);
  EXPECT_EQ(match({}, {"--report", "none/page.html"}).status, 73);
  put("page.html", "old");
  const auto said =
      run({"bash", "-c", "ulimit -f 1; \"$@\" > /dev/null", "bash",
           environment().at("PATH").substr(0, environment().at("PATH").find(':')) + "/twin-match",
           "--with", "measured.jsonl", "--model", "model.yaml", "--engine", engine({}), "--report",
           "page.html"});
  EXPECT_NE(said.status, 0);
  EXPECT_EQ(get("page.html"), "old");
}

}  // namespace

}  // namespace match_report_test
