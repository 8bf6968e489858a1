// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/cif_document.h"

#include <gemmi/cif.hpp>

namespace twin::formats {

namespace {

namespace cif = gemmi::cif;

void add_loop(const cif::Loop& loop, CifBlock& block) {
  const std::size_t width = loop.tags.size();
  for (std::size_t i = 0; i < loop.values.size(); ++i)
    block.values[gemmi::to_lower(loop.tags[i % width])].push_back(cif::as_string(loop.values[i]));
}

CifBlock converted(const cif::Block& from) {
  CifBlock block;
  for (const cif::Item& item : from.items) {
    if (item.type == cif::ItemType::Pair)
      block.values[gemmi::to_lower(item.pair[0])] = {cif::as_string(item.pair[1])};
    else if (item.type == cif::ItemType::Loop)
      add_loop(item.loop, block);
  }
  return block;
}

}  // namespace

std::string CifBlock::value(const std::string& tag) const { return value(tag, 0); }

std::string CifBlock::value(const std::string& tag, std::size_t row) const {
  const auto found = values.find(tag);
  return found == values.end() || row >= found->second.size() ? std::string() : found->second[row];
}

std::size_t CifBlock::count(const std::string& tag) const {
  const auto found = values.find(tag);
  return found == values.end() ? 0 : found->second.size();
}

std::vector<CifBlock> cif_blocks(const std::string& text, const std::string& name) {
  std::vector<CifBlock> blocks;
  for (const auto& block : cif::read_memory(text.data(), text.size(), name.c_str()).blocks)
    blocks.push_back(converted(block));
  return blocks;
}

}  // namespace twin::formats
