/* The planner's tools, put together: what map.js calls when the map is made and when its data are there. */
(function (hazardmap) {
  'use strict';

  /* Before the data are there: the bar has its buttons, the bottom its line. */
  hazardmap.prepareTools = function (map, hazardLayer, go) {
    hazardmap.filters = new hazardmap.Filters(hazardLayer);
    /* A click on a button that is gone after it (a list written anew) must not reach the map: Leaflet looks for the panel round it. */
    const left = map.getContainer().querySelector('.hm-left');
    for (const kind of ['click', 'dblclick']) left.addEventListener(kind, (event) => event.stopPropagation());
    hazardmap.position(map);
    hazardmap.filterBox(hazardmap.filters);
    hazardmap.listTool(map, hazardLayer, go);
    hazardmap.totalsTool(map, hazardLayer);
    hazardmap.measureTool(map);
    hazardmap.savingTool(() => hazardmap.linked.address());
    hazardmap.startTools = () => {
      hazardmap.linked = hazardmap.link(map, hazardLayer, hazardmap.filters, go);
      hazardmap.search.prepare();
    };
  };
})(window.hazardmap);
