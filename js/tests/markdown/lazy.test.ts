import { expect, it, vi } from "vitest";
import { type Lazy, Wanted } from "../../src/markdown/lazy";
import { settle } from "../stub";

const page = () => {
  const lazy: Lazy<string> = { name: "highlight" };
  const asset = vi.fn(async (): Promise<unknown> => "the module");
  const wanted = () => {
    const arrived = vi.fn();
    return { arrived, file: new Wanted(lazy, { asset }, arrived) };
  };
  return { asset, wanted };
};

it("asks for the file of its name and hash when it is wanted, not before", () => {
  const { asset, wanted } = page();
  const { file } = wanted();
  expect(asset).not.toHaveBeenCalled();
  expect(file.get()).toBeUndefined();
  expect(asset).toHaveBeenCalledExactlyOnceWith("highlight", "h1");
});

it("asks once, however often it is wanted, and tells when the file has come", async () => {
  const { asset, wanted } = page();
  const { file, arrived } = wanted();
  for (let time = 0; time < 5; time++) expect(file.get()).toBeUndefined();
  expect(arrived).not.toHaveBeenCalled();
  await settle();
  expect(arrived).toHaveBeenCalledOnce();
  expect(file.get()).toBe("the module");
  expect(asset).toHaveBeenCalledOnce();
});

it("has at once what another text of the page has fetched", async () => {
  const { asset, wanted } = page();
  wanted().file.get();
  await settle();
  const { file, arrived } = wanted();
  expect(file.get()).toBe("the module");
  await settle();
  expect(arrived).not.toHaveBeenCalled();
  expect(asset).toHaveBeenCalledOnce();
});

it("asks again after a failure, and makes good what was there before", async () => {
  const { asset, wanted } = page();
  asset.mockRejectedValueOnce(new Error("lost"));
  const { file, arrived } = wanted();
  file.get();
  await settle();
  expect(arrived).not.toHaveBeenCalled();
  file.get();
  await settle();
  expect(arrived).toHaveBeenCalledOnce();
  expect(file.get()).toBe("the module");
});

it("leaves off after three failures", async () => {
  const { asset, wanted } = page();
  asset.mockRejectedValue(new Error("The kernel has another version."));
  const { file, arrived } = wanted();
  for (let time = 0; time < 10; time++) {
    expect(file.get()).toBeUndefined();
    await settle();
  }
  expect(asset).toHaveBeenCalledTimes(3);
  expect(arrived).not.toHaveBeenCalled();
});
