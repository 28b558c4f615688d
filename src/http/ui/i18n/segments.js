// Words of the screen `segments`.

export const ko = {
  title: "세그먼트",
};

export const en = {
  title: "Segments",
};
