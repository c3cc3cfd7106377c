-- Loads a saved session in a fresh Ardour and saves it again, as it is and in three variants.
--
--     ardour7-lua again.lua FOLDER NAME WAY_BACK_FRAME
--
-- Writes the snapshots NAME-again (nothing touched), NAME-stay (the automation ends at WAY_BACK_FRAME and keeps its
-- value), NAME-plain (automation off, Bias 1 at 0) and NAME-null (also Mix at 0 %: the dry sound through the plugin).
-- Prints the plugin's latency in frames.

local folder, name, way_back_frame = arg[1], arg[2], arg[3]

AudioEngine:set_backend("None (Dummy)", "Unit-Test", "")
local session = load_session(folder, name)
assert(session, "Ardour cannot load the session " .. name)

local processor = session:route_by_name("Cello"):nth_plugin(0)
assert(not processor:isnil(), "the loaded session has no plugin on its track Cello")
local insert = processor:to_insert()

-- Number of the parameter that musicians see under this name.
local function number_of(wanted)
  local plugin = insert:plugin(0)
  for number = 0, plugin:parameter_count() - 1 do
    if plugin:parameter_label(number) == wanted then
      return number
    end
  end
  error("the plugin has no parameter " .. wanted)
end

local function control(number)
  local parameter = Evoral.Parameter(ARDOUR.AutomationType.PluginAutomation, 0, number)
  return processor:to_automatable():automation_control(parameter, false)
end

-- A value reaches the plugin with the next block of the running engine.
local function set(number, value)
  control(number):set_value(value, PBD.GroupControlDisposition.NoGroup)
  ARDOUR.LuaAPI.usleep(500000)
end

local bias, mix = number_of("Bias 1"), number_of("Mix")

print("latency_frames " .. insert:signal_latency())
session:save_state(name .. "-again")

local _, curve = ARDOUR.LuaAPI.plugin_automation(processor, bias)
curve:truncate_end(Temporal.timepos_t(math.tointeger(tonumber(way_back_frame))))
session:save_state(name .. "-stay")

control(bias):set_automation_state(ARDOUR.AutoState.Off)
set(bias, 0)
session:save_state(name .. "-plain")

set(mix, 0)
session:save_state(name .. "-null")
close_session()
