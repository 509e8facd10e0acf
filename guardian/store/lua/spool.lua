-- What could not be delivered to one channel, and the trouble with that channel. An entry is `incident:step`; of a day's
-- digest the incident is `digest-YYYY-MM-DD`. Of an incident, `kept:step:channel` says that the step is only here.
-- ARGV: verb, channel, now, then by verb:
--   keep: entry, notification, incident, step, text  -> entries that were dropped to make room
--   failed: next try, trouble, refused ('1' or '0'), node, entry or '', holder ('1' or '0')
--                                                    -> 1   (the entry is due again then, too; a holder's claim ends)
--   worked: 0                                        -> 1   (something got through: no trouble any more)
--   claim: lease ms                                  -> go | early | empty     (one worker at a time sends from here)
--   done: entry, incident, step                      -> 1   (delivered)
--   drop: entry                                      -> 1   (too old)
--   rest: 0                                          -> 1   (the one that claimed goes away; what is left is due)
--   settle: 0                                        -> 1   (no person needs to hear of this trouble any more)
local KEEP_SPOOLED = 500
local KEEP_SPOOLED_MS = 7 * 24 * 3600 * 1000
local verb, name, now = ARGV[1], ARGV[2], tonumber(ARGV[3])
local channel, spool, spooled = K.channel .. name, K.spool .. name, K.spooled .. name

local function claimed() return tonumber(redis.call('HGET', channel, 'claimed') or 0) > now end

local function due(at)  -- not before the end of the claim of whoever sends from here
  if claimed() then at = math.max(at, tonumber(redis.call('HGET', channel, 'claimed'))) end
  redis.call('HSET', channel, 'next', int(at))
  redis.call('ZADD', K.channels, int(at), name)
end

local function remove(entry)
  redis.call('ZREM', spool, entry)
  redis.call('HDEL', spooled, entry)
end

local function drop(entry)
  remove(entry)
  redis.call('HINCRBY', channel, 'dropped', 1)
end

local function worked()  -- what was put back because it was refused is tried again
  if redis.call('HGET', channel, 'refused') == '1' then
    for place, entry in ipairs(redis.call('ZRANGEBYSCORE', spool, '(' .. int(now), '+inf')) do
      redis.call('ZADD', spool, int(now + place - 1), entry)
    end
  end
  redis.call('HDEL', channel, 'since', 'tries', 'trouble', 'refused')
end

local function rest()
  local first = redis.call('ZRANGE', spool, 0, 0, 'WITHSCORES')
  if first[2] then due(math.max(now, tonumber(first[2]))) return end
  redis.call('HDEL', channel, 'next')
  redis.call('ZREM', K.channels, name)
end

local function digest_day(id) return string.match(id, '^digest%-(%d+%-%d+%-%d+)$') end

local function keep(entry, notification, id, step, text)
  if redis.call('HSETNX', spooled, entry, notification) == 1 then redis.call('ZADD', spool, int(now), entry) end
  local surplus = redis.call('ZRANGE', spool, 0, -KEEP_SPOOLED - 1)
  for _, old in ipairs(surplus) do drop(old) end
  if redis.call('HEXISTS', channel, 'next') == 0 then due(now) end
  if redis.call('EXISTS', K.incident .. id) == 1 then
    redis.call('HSET', K.incident .. id, 'told:' .. step .. ':' .. name, int(now), 'kept:' .. step .. ':' .. name, 1)
    tell_story(id, now, 'not told', text)
    note(id, now, 'delivery failed', text, nil, {step = step, channel = name})
  end
  local day = digest_day(id)
  if day then
    if redis.call('HGET', K.digest, 'day') == day then redis.call('HSET', K.digest, 'told:' .. name, int(now)) end
    add_digest('failed', day, now, name, text)
  end
  return #surplus
end

local function claim(lease)
  if redis.call('ZCARD', spool) == 0 then
    rest()
    return 'empty'
  end
  if tonumber(redis.call('HGET', channel, 'next') or 0) > now then return 'early' end
  redis.call('HSET', channel, 'claimed', int(now + lease))
  due(now + lease)
  return 'go'
end

local answer = 1
if verb == 'keep' then
  answer = keep(ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8])
elseif verb == 'failed' then
  redis.call('HSETNX', channel, 'since', int(now))
  redis.call('HSETNX', channel, 'node', ARGV[7])
  redis.call('HINCRBY', channel, 'tries', 1)
  redis.call('HSET', channel, 'trouble', ARGV[5], 'refused', ARGV[6])
  if ARGV[9] == '1' then redis.call('HDEL', channel, 'claimed') end
  due(tonumber(ARGV[4]))
  if ARGV[8] ~= '' then redis.call('ZADD', spool, 'XX', ARGV[4], ARGV[8]) end
elseif verb == 'worked' then
  worked()
  if not claimed() then rest() end
elseif verb == 'claim' then
  answer = claim(tonumber(ARGV[4]))
elseif verb == 'done' then
  remove(ARGV[4])
  worked()
  if redis.call('EXISTS', K.incident .. ARGV[5]) == 1 then
    redis.call('HDEL', K.incident .. ARGV[5], 'kept:' .. ARGV[6] .. ':' .. name)
    tell_story(ARGV[5], now, 'told', ARGV[6] .. ' by ' .. name, nil, {step = ARGV[6], channel = name})
  end
  if digest_day(ARGV[5]) then add_digest('told', digest_day(ARGV[5]), now, name, '') end
elseif verb == 'drop' then
  drop(ARGV[4])
elseif verb == 'rest' then
  redis.call('HDEL', channel, 'claimed')
  rest()
elseif verb == 'settle' then
  if redis.call('HEXISTS', channel, 'since') == 0 then redis.call('HDEL', channel, 'node') end
end
for _, key in ipairs({channel, spool, spooled}) do redis.call('PEXPIRE', key, KEEP_SPOOLED_MS) end
return answer
