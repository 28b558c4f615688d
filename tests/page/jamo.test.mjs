// Search of the filters, by what is typed of a word. Run with `node --test tests/page/`.

import assert from "node:assert/strict";
import { test } from "node:test";
import { find, letters, search, searchable } from "../../src/http/ui/chat/filters/jamo.js";

const finds = (query, text) => {
  const hit = find(query, text);
  return hit && text.slice(hit.start, hit.end);
};

test("syllables are taken apart as they are typed", () => {
  assert.equal(letters("넷"), "ㄴㅔㅅ");
  assert.equal(letters("과"), "ㄱㅗㅏ");
  assert.equal(letters("값"), "ㄱㅏㅂㅅ");
  assert.equal(letters("a"), "a");
});

test("first consonants find a word", () => {
  assert.equal(finds("ㄴㅍㄹㅅ", "넷플릭스"), "넷플릭스");
  assert.equal(finds("ㅍㄹ", "넷플릭스"), "플릭");
  assert.equal(finds("ㄱㄴㄱ", "서울 강남구"), "강남구");
  assert.equal(finds("ㄴㅍㅅ", "넷플릭스"), null);
});

test("every step of typing a word finds it", () => {
  for (const typed of ["ㄴ", "네", "넷", "넷ㅍ", "넷프", "넷플", "넷플ㄹ", "넷플리", "넷플릭", "넷플릭ㅅ", "넷플릭스"]) {
    assert.ok(find(typed, "넷플릭스"), typed);
  }
  // The keyboard first takes the next consonant for the end of a syllable.
  for (const typed of ["갈", "가라", "가랑"]) assert.ok(find(typed, "가랑비"), typed);
  assert.equal(finds("고", "광주"), "광");
  assert.equal(finds("넷풀", "넷플릭스"), null);
});

test("consonants that the keyboard puts together are two", () => {
  assert.equal(finds("ㄳ", "강서구"), "강서");
  assert.equal(finds("ㅄ", "부산"), "부산");
});

test("consonants and syllables mix", () => {
  assert.equal(finds("넷ㅍㄹ", "넷플릭스"), "넷플릭");
  assert.equal(finds("강ㄴ구", "강남구"), "강남구");
});

test("blanks, case and hyphens do not matter", () => {
  assert.equal(finds("galaxys", "Galaxy S"), "Galaxy S");
  assert.equal(finds("5g 프라임", "5GX 프라임"), null);
  assert.equal(finds("요금제명", "요금제 명"), "요금제 명");
  assert.equal(finds("gangnamgu", "Gangnam-gu"), "Gangnam-gu");
});

test("what is typed in decomposed form is found too", () => {
  assert.ok(find("넷플".normalize("NFD"), "넷플릭스"));
});

test("nothing typed finds nothing", () => {
  assert.equal(find("", "넷플릭스"), null);
  assert.equal(find("  ", "넷플릭스"), null);
});

test("the whole comes before the beginning, a beginning before the middle, a label before another name", () => {
  const item = (label, ...also) => ({ label: searchable(label), also: also.map(searchable) });
  const items = [item("국내 여행", "여행지"), item("여행 점수"), item("여행"), item("출국", "해외여행"), item("요금")];
  const labels = search("여행", items).map((one) => one.item.label.text);
  assert.deepEqual(labels, ["여행", "여행 점수", "국내 여행", "출국"]);
  assert.equal(search("ㅎㅇㅇㅎ", items)[0].by, "해외여행");
});
