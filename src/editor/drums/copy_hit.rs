//! One track is given the hit of another.

use std::collections::BTreeMap;

use plugin_ui::drums::{TRACKS, param};
use plugin_ui::{ParamBackend, ParamId};

use crate::drums::recipe::{MAX_EMBEDDING, Recipe};
use crate::hits::kit::Kit;

/// What makes a hit sound so beside its embedding: taken as it is.
const SAME: [[ParamId; TRACKS]; 6] =
    [param::CLASS, param::CLASS_B, param::BLEND, param::TUNE, param::DECAY, param::REVERSE];

/// What makes another one of the kit's own hit: none of it.
const NONE: [[ParamId; TRACKS]; 6] =
    [param::DRAW, param::PATH, param::VARIATION, param::MORPH, param::PAD_X, param::PAD_Y];

/// The kit and the values with which `to` plays the hit that `from` plays now, by this recipe: it becomes the kit's own hit of
/// `to`. `embedding` is how many numbers say which hit it is.
pub fn copied(
    [from, to]: [usize; 2],
    recipe: &Recipe,
    embedding: usize,
    mut kit: Kit,
    params: &dyn ParamBackend,
) -> (BTreeMap<String, f32>, Kit) {
    let mut e = [0.0; MAX_EMBEDDING];
    let e = &mut e[..embedding.min(MAX_EMBEDDING)];
    recipe.embed(kit.own(from), e);
    kit.set_own(to, e);
    let same = SAME.map(|ids| (ids[to], params.normalised(ids[from])));
    let none = NONE.map(|ids| (ids[to], params.normalise(ids[to], 0.0)));
    // Or it would change as soon as it evolves.
    let locked = (param::LOCK[to], 1.0);
    (same.into_iter().chain(none).chain([locked]).map(|(id, value)| (id.0.to_owned(), value)).collect(), kit)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::editor::backend::Backend;
    use crate::instance::drums_params::DrumsParams;
    use crate::instance::midi_play::Own;

    #[test]
    fn a_copy_has_the_same_embedding_and_class_and_nothing_is_drawn_for_it() {
        let params = Arc::<DrumsParams>::default();
        let backend = Backend::new(params.clone());
        let mut kit = Kit::default();
        kit.set_own(4, &[1.0, -0.5, 0.25]);
        let settings = params.settings(&Own);
        let recipe = Recipe { draw: 0, pad: [0.5, 0.0], ..settings.recipes[4] };
        let (values, kit) = copied([4, 1], &recipe, 3, kit, &backend);
        assert_eq!((kit.own(1), kit.own(4)), (&[1.5, -0.5, 0.25][..], &[1.0, -0.5, 0.25][..]));
        assert_eq!(values["class_2"], backend.normalised(param::CLASS[4]));
        assert_eq!((values["draw_2"], values["morph_2"], values["pad_x_2"]), (0.0, 0.0, 0.5));
        assert_eq!((values["lock_2"], values.len()), (1.0, SAME.len() + NONE.len() + 1));
        assert!(values.keys().all(|id| id.ends_with("_2")));
    }
}
