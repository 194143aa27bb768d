/** Mantine's CSS by component: only what the till draws. Order matters: variables, then components, then ours. */
import "@mantine/core/styles/default-css-variables.css";
import "@mantine/core/styles/baseline.css";
import "@mantine/core/styles/global.css";
import "@mantine/core/styles/UnstyledButton.css";
import "@mantine/core/styles/Input.css";
import "../../kit/base.css";
