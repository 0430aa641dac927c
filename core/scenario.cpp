// SPDX-License-Identifier: Apache-2.0
#include "core/scenario.hpp"

namespace serin {

// Here, where TemplateEntry is complete: a Template holds a vector of them.
Template::Template() = default;
Template::~Template() = default;
Template::Template(const Template&) = default;
Template::Template(Template&&) noexcept = default;
Template& Template::operator=(const Template&) = default;
Template& Template::operator=(Template&&) noexcept = default;

}  // namespace serin
