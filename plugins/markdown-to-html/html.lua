-- SPDX-License-Identifier: Apache-2.0
-- What may stand in HTML: escaped text, and addresses of harmless schemes.
local html = {}

local entities = {["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;"}
local schemes = {http = true, https = true, mailto = true, tel = true}

function html.escape(text)
  return (text:gsub('[&<>"]', entities))
end

-- The address, escaped, or nil if following it could run something. Control characters and spaces inside
-- a scheme are ignored by browsers, so they are by this check.
function html.safe_url(url)
  local bare = url:gsub("[%c%s]", "")
  local scheme = bare:match("^([^/?#:]*):")
  if scheme and not schemes[scheme:lower()] then
    return nil
  end
  return html.escape((url:gsub("[%c ]", function(c) return string.format("%%%02X", c:byte()) end)))
end

function html.is_external(url)
  return url:find("^%a[%w+.-]*://") ~= nil or url:find("^//") ~= nil
end

return html
