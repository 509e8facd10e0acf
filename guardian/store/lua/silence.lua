-- Adds or removes a silence.
-- ARGV: verb (add | remove), id, silence as JSON or '', now, who  ->  1, or 0 when there was none to remove
local verb, id = ARGV[1], ARGV[2]
local held = verb == 'add' and ARGV[3] or redis.call('HGET', K.silences, id)
if not held then return 0 end
if verb == 'add' then redis.call('HSET', K.silences, id, held) else redis.call('HDEL', K.silences, id) end
add_history('act', cjson.encode({verb = verb .. ' silence', by = ARGV[5], at = int(tonumber(ARGV[4])), about = held}))
return 1
