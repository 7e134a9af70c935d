import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const features = ["runs", "lines", "history"];
const forbid = (...group) => ({
  "no-restricted-imports": ["error", { patterns: [{ group, message: "lib -> features -> app" }] }],
});

export default tseslint.config(
  { ignores: ["dist", "src/lib/database.types.ts"] },
  ...tseslint.configs.strictTypeChecked,
  hooks.configs.flat["recommended-latest"],
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "max-lines": ["error", { max: 400, skipBlankLines: true, skipComments: true }],
      "no-console": "error",
    },
  },
  // Imports run one way, and no feature knows another.
  { files: ["src/lib/**"], rules: forbid("**/features/**", "**/app/**") },
  ...features.map((name) => ({
    files: [`src/features/${name}/**`],
    rules: forbid("**/app/**", ...features.filter((n) => n !== name).map((n) => `**/${n}/**`)),
  })),
);
