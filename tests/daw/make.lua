-- Makes the session: one sound twice, plain on the left, through the plugin on the right.
--
--     ardour7-lua make.lua FOLDER NAME RATE_HZ AUTOMATION SETTINGS
--
-- AUTOMATION is what Bias 1 does along the arrangement: FRAME=VALUE,FRAME=VALUE,... with a straight line between.
-- SETTINGS are other parameters, NAME=VALUE,NAME=VALUE,...; it may be empty.

local folder, name, rate_hz, automation, settings = arg[1], arg[2], arg[3], arg[4], arg[5]

local PLUGIN = "Timbreloom"
local AUTOMATED = "Bias 1"

AudioEngine:set_backend("None (Dummy)", "Unit-Test", ""):set_sample_rate(tonumber(rate_hz))
local session = create_session(folder, name, tonumber(rate_hz))
assert(session, "Ardour cannot make a session in " .. folder)

-- Ears of one channel, hard to one side: there the panner's gain is 1.
local function track(title, azimuth)
  local last = ARDOUR.PresentationInfo.max_order
  local made = session:new_audio_track(1, 2, nil, 1, title, last, ARDOUR.TrackMode.Normal, true):front()
  made:set_strict_io(true)
  made:pan_azimuth_control():set_value(azimuth, PBD.GroupControlDisposition.NoGroup)
  return made
end

track("Dry", 0)
local cello = track("Cello", 1)

local processor = ARDOUR.LuaAPI.new_plugin(session, PLUGIN, ARDOUR.PluginType.VST3, "")
assert(not processor:isnil(), "Ardour does not know the VST3 " .. PLUGIN .. ": its scan has not found it")
assert(cello:add_processor_by_index(processor, 0, nil, true) == 0, "Ardour cannot put " .. PLUGIN .. " on a mono track")

-- Parameters are numbered; the number of one is looked up by the name that musicians see.
local function number_of(wanted)
  local plugin = processor:to_insert():plugin(0)
  for number = 0, plugin:parameter_count() - 1 do
    if plugin:parameter_label(number) == wanted then
      return number
    end
  end
  error(PLUGIN .. " has no parameter " .. wanted)
end

local bias = number_of(AUTOMATED)
local _, curve, range = ARDOUR.LuaAPI.plugin_automation(processor, bias)
for frame, value in string.gmatch(automation, "(%d+)=([-%d.]+)") do
  local inside = math.max(range.lower, math.min(range.upper, tonumber(value)))
  curve:add(Temporal.timepos_t(math.tointeger(tonumber(frame))), inside, false, true)
end
local parameter = Evoral.Parameter(ARDOUR.AutomationType.PluginAutomation, 0, bias)
processor:to_automatable():automation_control(parameter, false):set_automation_state(ARDOUR.AutoState.Play)

for wanted, value in string.gmatch(settings, "([^=,]+)=([-%d.]+)") do
  assert(ARDOUR.LuaAPI.set_processor_param(processor, number_of(wanted), tonumber(value)), "Ardour cannot set " .. wanted)
end

session:save_state("")
close_session()
