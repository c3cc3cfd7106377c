//! What hosts list: parameters, the MIDI controllers among them, and the units that parameters are grouped in.

use nih_plug::wrapper::vst3::Wrapper;
use nih_plug::wrapper::vst3::vst3::Steinberg::Vst::{
    IEditControllerTrait, IUnitInfoTrait, ParameterInfo, String128, UnitInfo,
};
use nih_plug::wrapper::vst3::vst3::Steinberg::{int32, kResultOk};

use super::Exported;

/// Channels of MIDI.
const CHANNELS: usize = 16;

/// The framework's controllers of one channel: 128, and its pressure and bend.
const FRAMEWORKS: usize = 130;

/// In which order an instance's parameters and units are listed.
pub(super) struct Listing {
    /// The plugin's own parameters, in the framework's order, which is that of its `Params`.
    pub(super) ids: Vec<u32>,
    /// The framework's index of each unit, sorted as people count: Latent 2 before Latent 10.
    units: Vec<int32>,
}

impl Listing {
    /// Of a new instance; all have the same.
    pub(super) fn of<P: Exported>(wrapper: &Wrapper<P>) -> Self {
        // SAFETY: these calls take any index, and the places that they write to are ours.
        unsafe {
            let all = wrapper.getParameterCount();
            let controllers = if P::CONTROLLERS.is_empty() { 0 } else { (CHANNELS * FRAMEWORKS) as int32 };
            let ids = (0..all - controllers)
                .filter_map(|index| {
                    let mut info: ParameterInfo = std::mem::zeroed();
                    (wrapper.getParameterInfo(index, &mut info) == kResultOk).then_some(info.id)
                })
                .collect();
            let infos: Vec<UnitInfo> = (0..wrapper.getUnitCount())
                .filter_map(|index| {
                    let mut info: UnitInfo = std::mem::zeroed();
                    (wrapper.getUnitInfo(index, &mut info) == kResultOk).then_some(info)
                })
                .collect();
            let mut units: Vec<int32> = (0..infos.len() as int32).collect();
            units.sort_by_cached_key(|&index| path(&infos, &infos[index as usize]));
            Self { ids, units }
        }
    }

    /// How many parameters hosts see.
    pub(super) fn count<P: Exported>(&self) -> int32 {
        (self.ids.len() + CHANNELS * P::CONTROLLERS.len()) as int32
    }

    /// The framework's index of a parameter, and of a controller its channel and number.
    pub(super) fn find<P: Exported>(&self, index: int32) -> Option<(int32, Option<(usize, u8)>)> {
        let index = usize::try_from(index).ok()?;
        let Some(beyond) = index.checked_sub(self.ids.len()) else { return Some((index as int32, None)) };
        let controller = *P::CONTROLLERS.get(beyond.checked_rem(P::CONTROLLERS.len())?)?;
        let channel = beyond / P::CONTROLLERS.len();
        let frameworks = self.ids.len() + channel * FRAMEWORKS + usize::from(controller);
        (channel < CHANNELS).then_some((frameworks as int32, Some((channel, controller))))
    }

    /// The framework's index of a unit.
    pub(super) fn unit(&self, index: int32) -> Option<int32> {
        self.units.get(usize::try_from(index).ok()?).copied()
    }
}

/// Puts the name by which JUCE's hosts know a parameter that only carries a MIDI controller: they leave it out of their lists
/// and do not read the thousand texts of each.
pub(super) fn name_controller(info: &mut ParameterInfo, channel: usize, controller: u8) {
    let name = format!("MIDI CC {channel}|{controller}");
    for place in [&mut info.title, &mut info.shortTitle] {
        write(place, &name);
    }
}

fn write(place: &mut String128, text: &str) {
    place.fill(0);
    // The last one stays: a NUL.
    let last = place.len() - 1;
    for (place, unit) in place[..last].iter_mut().zip(text.encode_utf16()) {
        *place = unit;
    }
}

fn read(text: &String128) -> String {
    let units: Vec<u16> = text.iter().copied().take_while(|&unit| unit != 0).collect();
    String::from_utf16_lossy(&units)
}

/// A unit's name under those of its parents, so that no parent comes after its children.
fn path(infos: &[UnitInfo], info: &UnitInfo) -> Vec<(String, u64)> {
    let parent = infos.iter().find(|other| other.id == info.parentUnitId && other.id < info.id);
    let mut path = parent.map_or_else(Vec::new, |parent| path(infos, parent));
    path.push(counted(&read(&info.name)));
    path
}

/// A name and the number that it ends with.
fn counted(name: &str) -> (String, u64) {
    let text = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
    (text.to_owned(), name[text.len()..].parse().unwrap_or(0))
}
