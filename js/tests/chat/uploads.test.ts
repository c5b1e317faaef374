import { expect, it } from "vitest";
import { refusal, Uploads } from "../../src/chat/uploads";

const LIMITS = { file: 50e6, image: 40e6, message: 100e6, count: 2, part: 1000 };
const NONE = { count: 0, size: 0 };
const file = (size: number, type = "") => ({ name: "f", size, type });

it("refuses what is too large or too much, by what it is said to be", () => {
  expect(refusal(file(50e6), NONE, LIMITS)).toBeNull();
  expect(refusal(file(50e6 + 1e6), NONE, LIMITS)).toBe(
    "f is 51.0 MB; a file may have 50.0 MB.",
  );
  expect(refusal(file(45e6, "image/png"), NONE, LIMITS)).toContain("an image may have");
  expect(refusal(file(1), { count: 2, size: 2 }, LIMITS)).toContain("2 attachments");
  expect(refusal(file(40e6), { count: 1, size: 70e6 }, LIMITS)).toContain("110 MB");
});

interface Asked {
  method: string;
  params: { at?: number; tab?: string };
  sent: number;
}

function linked(refuse: (asked: Asked) => boolean = () => false) {
  const asked: Asked[] = [];
  const request = async (
    method: string,
    params: Asked["params"],
    options?: { buffers?: ArrayBuffer[] },
  ) => {
    const one = { method, params, sent: options?.buffers?.[0]?.byteLength ?? 0 };
    asked.push(one);
    if (refuse(one)) throw Object.assign(new Error("No."), { code: "usage" });
    return { result: method === "upload" ? { id: "a" } : {}, buffers: [] };
  };
  return { asked, uploads: new Uploads({ request: request as never }) };
}

const done = async (uploads: Uploads, until: () => boolean) => {
  for (let turn = 0; turn < 500 && !until(); turn++)
    await new Promise((next) => setTimeout(next));
  expect(uploads.progress.value.size).toBe(0);
};

it("sends a file in parts, one after the other", async () => {
  const { asked, uploads } = linked();
  uploads.add([new File([new Uint8Array(2500)], "f")], "t", NONE, LIMITS, () => {});
  await done(uploads, () => asked.length === 4);
  expect(asked.map(({ params, sent }) => [params.at, sent])).toEqual([
    [undefined, 0],
    [0, 1000],
    [1000, 1000],
    [2000, 500],
  ]);
});

it("stops with an attachment that is removed, and says nothing", async () => {
  const complaints: string[] = [];
  const { asked, uploads } = linked(({ method }) => {
    if (method === "upload_part") uploads.drop("a");
    return method === "upload_part";
  });
  uploads.add(
    [new File([new Uint8Array(2500)], "f")],
    "t",
    NONE,
    LIMITS,
    ({ message }) => complaints.push(message),
  );
  await done(uploads, () => asked.length === 2);
  expect(complaints).toEqual([]);
});

const tabs = (current: string, ...open: string[]) => ({
  tabs: open.map((id) => ({
    id,
    name: id,
    answering: false,
    encrypted: false,
    locked: false,
  })),
  current,
});

it("goes on in a tab that is not shown, until that is closed", async () => {
  const { asked, uploads } = linked(({ params }) => {
    if (params.at === 0) uploads.keep(new Set(), tabs("other", "other", "t"));
    else if (params.at === 1000) uploads.keep(new Set(), tabs("other", "other"));
    return false;
  });
  const files = [new File([new Uint8Array(2500)], "f"), new File(["x"], "g")];
  uploads.add(files, "t", NONE, LIMITS, () => {});
  await done(uploads, () => asked.length === 5);
  expect(asked.map(({ params }) => params.at)).toEqual([
    undefined,
    0,
    1000,
    undefined,
    0,
  ]);
  expect(asked[3]?.params.tab).toBe("t");
});

it("says why a file was refused, and sends the next one", async () => {
  const complaints: string[] = [];
  let first = true;
  const { asked, uploads } = linked(({ method }) => {
    const refused = method === "upload" && first;
    first = false;
    return refused;
  });
  const files = [new File(["x"], "f"), new File(["y"], "g")];
  uploads.add(files, "t", NONE, LIMITS, ({ message }) => complaints.push(message));
  await done(uploads, () => asked.length === 3);
  expect(complaints).toEqual(["No."]);
  expect(asked.at(-1)?.sent).toBe(1);
});
