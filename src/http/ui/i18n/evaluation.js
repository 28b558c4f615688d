// Words of the screen `evaluation`.

export const ko = {
  title: "평가",
};

export const en = {
  title: "Evaluation",
};
