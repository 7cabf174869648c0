-- Pages of what became of each member of one delivery, as far as they are kept.
--
-- KEYS     1 results
-- ARGV     1 the delivery's id   2 how many pages to pass over   3 the most pages
-- returns  1 when there are more, else 0; then the pages

local answer, passed = { 0 }, 0
for _, page in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  if string.sub(page, 1, 16) == ARGV[1] then
    passed = passed + 1
    if passed > tonumber(ARGV[2]) + tonumber(ARGV[3]) then
      answer[1] = 1
      break
    end
    if passed > tonumber(ARGV[2]) then answer[#answer + 1] = string.sub(page, 18) end
  end
end
return answer
