// dist/index.d.ts
/** What node-llama-cpp asks of a package that holds a build: the folder of its files, and the version they were made for. */
export declare function getBinsDir(): {
    readonly binsDir: string;
    readonly packageVersion: string;
};

export { }
