-- Whether one more task may start: under the cap of its pipeline, and not the same work twice on one day. A yes counts
-- as started until a reading of the pipeline has it, so that many who ask at once do not all get it.
-- ARGV[1]: JSON {now, id, pipeline, pace, known (name of the work and day), fresh, grace, keep}
--   pipeline '': the only one that was read, where there is only one.  known '': it is like no other.
-- -> JSON {answer, doing, started, cap, pipeline, by (whose that work is), read}; answer yes | cap | duplicate
local given = cjson.decode(ARGV[1])
local now = given.now

local function reading(wanted)  -- one that is old is none
  local found, count = nil, 0
  for name, text in pairs(hash(K.pipelines)) do
    local held = cjson.decode(text)
    if held.at >= now - given.fresh and (wanted == '' or wanted == name) then
      held.name, found, count = name, held, count + 1
    end
  end
  return count == 1 and found or nil
end

local known = reading(given.pipeline)
local answer = {answer = 'yes', read = known and 1 or 0}
local starts = known and K.starts .. known.name
if known then
  answer.pipeline, answer.doing, answer.cap = known.name, known.doing, known.cap
  redis.call('ZREMRANGEBYSCORE', starts, '-inf', int(known.at - given.grace))
  redis.call('ZREM', starts, given.id)  -- who asks again is not counted twice
  answer.started = redis.call('ZCARD', starts)
  if known.cap and known.doing + answer.started >= math.max(1, math.floor(known.cap * given.pace)) then
    answer.answer = 'cap'
    return cjson.encode(answer)
  end
end
local work = given.known ~= '' and K.begun .. given.known
if work then
  local by = redis.call('GET', work)
  if by and by ~= given.id then
    answer.answer, answer.by = 'duplicate', by
    return cjson.encode(answer)
  end
  redis.call('SET', work, given.id, 'PX', given.keep)
end
if starts then
  redis.call('ZADD', starts, int(now), given.id)
  redis.call('PEXPIRE', starts, int(given.fresh + given.grace))
end
return cjson.encode(answer)
