/* The planner's tools, put together: what map.js calls when the map is made and when its data are there. */
(function (hazardmap) {
  'use strict';

  /* Before the data are there: the bar has its buttons, the bottom its line. */
  hazardmap.prepareTools = function (map, hazardLayer, go) {
    hazardmap.filters = new hazardmap.Filters(hazardLayer);
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
