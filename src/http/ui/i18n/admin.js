// Words of the screen `admin`.

export const ko = {
  title: "관리",
};

export const en = {
  title: "Admin",
};
