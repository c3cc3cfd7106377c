-- Makes a session with a plugin.
--
--     ardour7-lua make.lua FOLDER NAME RATE_HZ PLUGIN TRACK AUTOMATED AUTOMATION SETTINGS TEMPI
--
-- The effect comes on a mono track, hard to the right, beside a track Dry without it, hard to the left. The instrument
-- and the drum machine come on a MIDI track with two outputs, without a panner.
-- AUTOMATION is what the parameter AUTOMATED does along the arrangement: FRAME=VALUE,FRAME=VALUE,... with a straight
-- line between. SETTINGS are other parameters, NAME=VALUE,NAME=VALUE,...; it may be empty.
-- TEMPI are beats a minute from beats on, BEAT=TEMPO,BEAT=TEMPO,...

local folder, name, rate_hz, plugin_name, track_name = arg[1], arg[2], arg[3], arg[4], arg[5]
local automated, automation, settings, tempi = arg[6], arg[7], arg[8], arg[9]

local EFFECT, INSTRUMENT, DRUMS = "Timbreloom", "Timbreloom Codes", "Timbreloom Drums"

AudioEngine:set_backend("None (Dummy)", "Unit-Test", ""):set_sample_rate(tonumber(rate_hz))
local session = create_session(folder, name, tonumber(rate_hz))
assert(session, "Ardour cannot make a session in " .. folder)
local last = ARDOUR.PresentationInfo.max_order
local unknown = "Ardour does not know the VST3 " .. plugin_name .. ": its scan has not found it"

-- Ears of one channel, hard to one side: there the panner's gain is 1.
local function track(title, azimuth)
  local made = session:new_audio_track(1, 2, nil, 1, title, last, ARDOUR.TrackMode.Normal, true):front()
  made:set_strict_io(true)
  made:pan_azimuth_control():set_value(azimuth, PBD.GroupControlDisposition.NoGroup)
  return made
end

local function with_effect()
  track("Dry", 0)
  local wet = track(track_name, 1)
  local processor = ARDOUR.LuaAPI.new_plugin(session, plugin_name, ARDOUR.PluginType.VST3, "")
  assert(not processor:isnil(), unknown)
  local failed = wet:add_processor_by_index(processor, 0, nil, true)
  assert(failed == 0, "Ardour cannot put " .. plugin_name .. " on a mono track")
  return processor
end

-- Nothing but the region is to play: the track's input stays unconnected.
local function with_instrument()
  local instrument = ARDOUR.LuaAPI.new_plugin_info(plugin_name, ARDOUR.PluginType.VST3)
  assert(not instrument:isnil(), unknown)
  local midi, audio = ARDOUR.ChanCount(ARDOUR.DataType("midi"), 1), ARDOUR.ChanCount(ARDOUR.DataType("audio"), 2)
  local made = session:new_midi_track(
    midi, audio, true, instrument, nil, nil, 1, track_name, last, ARDOUR.TrackMode.Normal, false):front()
  local processor = made:nth_plugin(0)
  assert(not processor:isnil(), "Ardour cannot put " .. plugin_name .. " on a MIDI track")
  made:panner_shell():set_bypassed(true)
  return processor
end

local map = Temporal.TempoMap.fetch_writable()
for beat, tempo in string.gmatch(tempi, "([%d.]+)=([%d.]+)") do
  local ticks = math.tointeger(tonumber(beat) * Temporal.ticks_per_beat)
  map:set_tempo(Temporal.Tempo(tonumber(tempo), tonumber(tempo), 4), Temporal.timepos_t.from_ticks(ticks))
end
Temporal.TempoMap.update(map)
map = nil

local makers = { [EFFECT] = with_effect, [INSTRUMENT] = with_instrument, [DRUMS] = with_instrument }
local processor = makers[plugin_name]()

-- Parameters are numbered; the number of one is looked up by the name that musicians see.
local function number_of(wanted)
  local plugin = processor:to_insert():plugin(0)
  for number = 0, plugin:parameter_count() - 1 do
    if plugin:parameter_label(number) == wanted then
      return number
    end
  end
  error(plugin_name .. " has no parameter " .. wanted)
end

local moved = number_of(automated)
local _, curve, range = ARDOUR.LuaAPI.plugin_automation(processor, moved)
for frame, value in string.gmatch(automation, "(%d+)=([-%d.]+)") do
  local inside = math.max(range.lower, math.min(range.upper, tonumber(value)))
  curve:add(Temporal.timepos_t(math.tointeger(tonumber(frame))), inside, false, true)
end
local parameter = Evoral.Parameter(ARDOUR.AutomationType.PluginAutomation, 0, moved)
processor:to_automatable():automation_control(parameter, false):set_automation_state(ARDOUR.AutoState.Play)

for wanted, value in string.gmatch(settings, "([^=,]+)=([-%d.]+)") do
  assert(ARDOUR.LuaAPI.set_processor_param(processor, number_of(wanted), tonumber(value)), "Ardour cannot set " .. wanted)
end
-- A value reaches the plugin with the next block of the running engine.
if settings ~= "" then
  ARDOUR.LuaAPI.usleep(500000)
end

session:save_state("")
close_session()
