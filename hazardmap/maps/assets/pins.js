/* Coloured pins for folium.Icon, drawn here: the icon fonts that folium asks for are not in the page, so a pin has a dot. */
L.AwesomeMarkers = {
  icon({ markerColor = 'blue', iconColor = 'white', extraClasses = '' } = {}) {
    const ns = 'http://www.w3.org/2000/svg';
    const colours = {
      red: '#c9302c', darkred: '#8f1d1d', lightred: '#ee7b72', orange: '#e98a1f', beige: '#e6c79a', green: '#3f8f29',
      darkgreen: '#22601b', lightgreen: '#96c95e', blue: '#2f7fb8', darkblue: '#1b4a78', cadetblue: '#4d7d8c',
      lightblue: '#7cb9dd', purple: '#8a3f9e', darkpurple: '#4f2a5e', pink: '#e487b7', white: '#f7f7f7', gray: '#6f6f6f',
      lightgray: '#a8a8a8', black: '#2b2b2b',
    };
    const svg = document.createElementNS(ns, 'svg');
    svg.setAttribute('viewBox', '0 0 28 40');
    svg.setAttribute('width', '28');
    svg.setAttribute('height', '40');
    const shape = document.createElementNS(ns, 'path');
    shape.setAttribute('d', 'M14 39C10 29 2 24 2 14a12 12 0 0 1 24 0c0 10-8 15-12 25z');
    shape.setAttribute('fill', colours[markerColor] || colours.blue);
    shape.setAttribute('stroke', '#fff');
    shape.setAttribute('stroke-width', '1.5');
    const dot = document.createElementNS(ns, 'circle');
    for (const [name, value] of [['cx', 14], ['cy', 14], ['r', 4.5], ['fill', /^[#\w]+$/.test(iconColor) ? iconColor : 'white']]) {
      dot.setAttribute(name, value);
    }
    svg.append(shape, dot);
    return L.divIcon({ html: svg, className: 'hm-pin ' + extraClasses, iconSize: [28, 40], iconAnchor: [14, 39], popupAnchor: [0, -34] });
  },
};
