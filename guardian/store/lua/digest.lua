-- The telling of one day's digest: each day at most once, each channel at most once a day.
-- ARGV: verb, day (YYYY-MM-DD), now, then by verb:
--   claim: lease ms    -> go | early (another worker is at it, or it failed and waits) | sent
--   mark: channel      -> 1 (this channel has it; a repeat leaves it out)
--   later: at, text    -> 1
--   done: text         -> 1 (also of a day that is not to be told)
local verb, day, now = ARGV[1], ARGV[2], tonumber(ARGV[3])
local held = hash(K.digest)
if held.sent and held.sent >= day then return verb == 'claim' and 'sent' or 0 end

local function tell_history(kind, channel, text)
  add_history('act', cjson.encode({verb = 'digest ' .. kind, by = 'guardian', at = int(now), day = day, channel = channel,
    about = clip(text, HISTORY_TEXT_BYTES)}))
end

if verb == 'claim' then
  if held.day ~= day then  -- what is left of an earlier day is over
    redis.call('DEL', K.digest)
    redis.call('HSET', K.digest, 'day', day)
    if held.sent then redis.call('HSET', K.digest, 'sent', held.sent) end
    held.due = nil
  end
  if tonumber(held.due or 0) > now then return 'early' end
  redis.call('HSET', K.digest, 'due', int(now + tonumber(ARGV[4])))
  return 'go'
elseif verb == 'mark' then
  redis.call('HSET', K.digest, 'told:' .. ARGV[4], int(now))
  tell_history('told', ARGV[4], '')
elseif verb == 'later' then
  redis.call('HSET', K.digest, 'due', int(tonumber(ARGV[4])))
  redis.call('HINCRBY', K.digest, 'tries', 1)
  tell_history('failed', '', ARGV[5])
else
  redis.call('DEL', K.digest)
  redis.call('HSET', K.digest, 'sent', day)
  tell_history('done', '', ARGV[4])
end
return 1
