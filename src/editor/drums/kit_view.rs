//! What the window sees of a grain model: its kinds of drums, and clouds of hits and grains.

use plugin_ui::drums::{ClassView, GrainView, KitView};

use crate::hits::walk::GrainPlane;
use crate::instance::drums_window_link::LoadedGrainModel;
use crate::model::grains::Cloud;

/// Of what is loaded; `generation` differs for each package.
pub fn kit_view(generation: u64, package: &LoadedGrainModel) -> KitView {
    let tables = package.tables.as_deref();
    let cloud = |class: usize| {
        let hits = tables.and_then(|tables| tables.hits.get(class));
        hits.map(|hits| places(hits, package.embedding)).unwrap_or_default()
    };
    let names = package.classes.iter().enumerate();
    KitView {
        generation,
        name: package.name.clone(),
        classes: names.map(|(class, name)| ClassView { name: name.clone(), cloud: cloud(class) }).collect(),
        grains: tables.map(|tables| grains(&tables.cloud)).unwrap_or_default(),
    }
}

/// Hits `[hit * embedding]` on the plane of their kind, which is their first two numbers.
fn places(hits: &[f32], embedding: usize) -> Vec<[f32; 2]> {
    hits.chunks_exact(embedding.max(2)).map(|e| [e[0], e[1]]).collect()
}

fn grains(cloud: &Cloud) -> Vec<GrainView> {
    let plane = GrainPlane(cloud);
    let grains = cloud.grains.chunks_exact(cloud.middle.len().max(1)).zip(&cloud.classes);
    grains.map(|(z, &class)| GrainView { at: plane.place_of(z), class }).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::grains::Tables;

    #[test]
    fn hits_lie_where_their_first_two_numbers_say_and_grains_on_the_axes() {
        let cloud = Cloud {
            middle: vec![1.0, 1.0, 1.0],
            axes: [vec![2.0, 0.0, 0.0], vec![0.0, 0.5, 0.0]],
            grains: vec![1.0, 1.0, 1.0, 5.0, 2.0, 9.0],
            classes: vec![1, 0],
        };
        let hits = vec![vec![0.1, 0.2, 0.3, 0.4, 0.5, 0.6], vec![-1.0, -2.0, -3.0, -1.0, -2.0, -3.0]];
        let package = LoadedGrainModel {
            name: "clay".into(),
            classes: vec!["kick".into(), "snare".into()],
            embedding: 3,
            tables: Some(Arc::new(Tables { hits, cloud })),
        };
        let view = kit_view(7, &package);
        assert_eq!((view.generation, view.name.as_str(), view.classes[1].name.as_str()), (7, "clay", "snare"));
        assert_eq!(view.classes[0].cloud, [[0.1, 0.2], [0.4, 0.5]]);
        assert_eq!(view.grains[0], GrainView { at: [0.0, 0.0], class: 1 });
        assert_eq!(view.grains[1], GrainView { at: [2.0, 2.0], class: 0 });
        let missing = kit_view(8, &LoadedGrainModel { tables: None, classes: Vec::new(), ..package });
        assert!(missing.classes.is_empty() && missing.grains.is_empty() && missing.name == "clay");
    }
}
