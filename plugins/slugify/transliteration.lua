-- SPDX-License-Identifier: Apache-2.0
-- Letters and signs to ASCII, by code point. Rows are readable on purpose: a translator should be able to
-- check them.
local rows = [[
À A  Á A  Â A  Ã A  Ä A  Å A  Æ AE Ç C  È E  É E  Ê E  Ë E  Ì I  Í I  Î I  Ï I
Ð D  Ñ N  Ò O  Ó O  Ô O  Õ O  Ö O  Ø O  Ù U  Ú U  Û U  Ü U  Ý Y  Þ TH ß ss
à a  á a  â a  ã a  ä a  å a  æ ae ç c  è e  é e  ê e  ë e  ì i  í i  î i  ï i
ð d  ñ n  ò o  ó o  ô o  õ o  ö o  ø o  ù u  ú u  û u  ü u  ý y  þ th ÿ y
Ā A  ā a  Ă A  ă a  Ą A  ą a  Ć C  ć c  Ĉ C  ĉ c  Ċ C  ċ c  Č C  č c  Ď D  ď d
Đ D  đ d  Ē E  ē e  Ĕ E  ĕ e  Ė E  ė e  Ę E  ę e  Ě E  ě e  Ĝ G  ĝ g  Ğ G  ğ g
Ġ G  ġ g  Ģ G  ģ g  Ĥ H  ĥ h  Ħ H  ħ h  Ĩ I  ĩ i  Ī I  ī i  Ĭ I  ĭ i  Į I  į i
İ I  ı i  Ĳ IJ ĳ ij Ĵ J  ĵ j  Ķ K  ķ k  ĸ k  Ĺ L  ĺ l  Ļ L  ļ l  Ľ L  ľ l  Ŀ L  ŀ l
Ł L  ł l  Ń N  ń n  Ņ N  ņ n  Ň N  ň n  Ō O  ō o  Ŏ O  ŏ o  Ő O  ő o  Œ OE œ oe
Ŕ R  ŕ r  Ŗ R  ŗ r  Ř R  ř r  Ś S  ś s  Ŝ S  ŝ s  Ş S  ş s  Š S  š s  Ţ T  ţ t
Ť T  ť t  Ŧ T  ŧ t  Ũ U  ũ u  Ū U  ū u  Ŭ U  ŭ u  Ů U  ů u  Ű U  ű u  Ų U  ų u
Ŵ W  ŵ w  Ŷ Y  ŷ y  Ÿ Y  Ź Z  ź z  Ż Z  ż z  Ž Z  ž z  Ș S  ș s  Ț T  ț t  ẞ SS
Α A  Β V  Γ G  Δ D  Ε E  Ζ Z  Η I  Θ TH Ι I  Κ K  Λ L  Μ M  Ν N  Ξ X  Ο O  Π P
Ρ R  Σ S  Τ T  Υ Y  Φ F  Χ CH Ψ PS Ω O  Ά A  Έ E  Ή I  Ί I  Ό O  Ύ Y  Ώ O
α a  β v  γ g  δ d  ε e  ζ z  η i  θ th ι i  κ k  λ l  μ m  ν n  ξ x  ο o  π p
ρ r  σ s  ς s  τ t  υ y  φ f  χ ch ψ ps ω o  ά a  έ e  ή i  ί i  ό o  ύ y  ώ o  ϊ i  ϋ y
А A  Б B  В V  Г G  Д D  Е E  Ё E  Ж ZH З Z  И I  Й I  К K  Л L  М M  Н N  О O
П P  Р R  С S  Т T  У U  Ф F  Х KH Ц TS Ч CH Ш SH Щ SHCH Ы Y Э E  Ю IU Я IA
а a  б b  в v  г g  д d  е e  ё e  ж zh з z  и i  й i  к k  л l  м m  н n  о o
п p  р r  с s  т t  у u  ф f  х kh ц ts ч ch ш sh щ shch ы y э e  ю iu я ia
Є IE є ie І I  і i  Ї I  ї i  Ґ G  ґ g
]]

-- What a language writes otherwise.
local languages = {
  de = "Ä Ae Ö Oe Ü Ue ä ae ö oe ü ue",
  da = "Å Aa å aa Ø Oe ø oe",
  no = "Å Aa å aa Ø Oe ø oe",
  is = "Ð D ð d Þ Th þ th Ö O ö o",
  uk = "Г H г h И Y и y Х Kh х kh Щ Shch щ shch Ю Yu ю yu Я Ya я ya",
  bg = "Щ Sht щ sht Ъ A ъ a Ю Yu ю yu Я Ya я ya Й Y й y Х H х h",
  tr = "Ç C ç c Ş S ş s",
}

-- Signs that are read as a word.
local words = {["&"] = "and", ["+"] = "plus", ["@"] = "at", ["%"] = "percent", ["€"] = "euro", ["£"] = "pound",
  ["$"] = "dollar", ["¥"] = "yen", ["°"] = "degrees", ["©"] = "c", ["®"] = "r", ["™"] = "tm", ["½"] = "half"}
local german_words = {["&"] = "und", ["%"] = "prozent", ["°"] = "grad", ["½"] = "halb"}

-- Part of a word, yet without a sound of their own.
local silent = "'’‘ʼ`´ʹʺ·ЪЬъь"

local function add_rows(map, text)
  for letter, ascii in text:gmatch("(%S+)%s+(%S+)") do
    map[utf8.codepoint(letter)] = ascii
  end
end

local transliteration = {}

-- {code point = ASCII text} for a language, and {code point = word} for its signs.
function transliteration.tables(language)
  local letters, signs = {}, {}
  for _, code in utf8.codes(silent) do
    letters[code] = ""
  end
  for code = 0x300, 0x36F do -- combining marks: decomposed accents
    letters[code] = ""
  end
  add_rows(letters, rows)
  add_rows(letters, languages[language] or "")
  for sign, word in pairs(words) do
    local own = language == "de" and german_words[sign]
    signs[utf8.codepoint(sign)] = own or word
  end
  return letters, signs
end

return transliteration
